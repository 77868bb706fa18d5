"""Each constraint alone: broken by one slot it is reported by name, at the exact gap it is legal."""

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from tests.oracles.jedec_checker import check
from tests.oracles.jedec_rules import ALL, Command, Geometry, PimLimits, build_rules, spread

GEOMETRY = Geometry(4, 4, rows=64)
# Every spacing one slot, so that the one under test is the only one that can bind.
NAMES = "tRCD tRP tRAS tRC tRTP tWR tWTR_S tWTR_L tRRD_S tRRD_L tCCD_S tCCD_L tRTW tCL tCWL burst"
LOOSE = dict.fromkeys(NAMES.split(), 1)
BIG = 20
Build = Callable[[int], list[Command]]


def at(slot: int, name: str, group: int = 0, bank: int = 0, row: int = -1, pc: int = 0) -> Command:
    return Command(slot, name, pc, group, bank, 3 if name == "ACT" and row < 0 else row)


def everywhere(slot: int, name: str, banks: tuple[int, ...] = ()) -> Command:
    return Command(slot, name, 0, ALL, ALL, 3 if name == "ACT" else -1, banks)


def pair(before: str, after: str, group: int = 0, bank: int = 0) -> Build:
    """Two banks opened at 0 and 1, then `before` at bank (0, 0) and `after` at (group, bank) a gap later."""

    def build(gap: int) -> list[Command]:
        opened = [at(0, "ACT")] + ([at(1, "ACT", group, bank)] if (group, bank) != (0, 0) else [])
        return [*opened, at(40, before), at(40 + gap, after, group, bank)]

    return build


def alone(before: Command, after: Callable[[int], Command], *prefix: Command) -> Build:
    return lambda gap: [*prefix, before, after(before.slot + gap)]


class Case(NamedTuple):
    rule: str
    timing: dict[str, int]
    needed: int
    build: Build
    family: str = "HBM"


ALL_BANKS = tuple(range(16))
WRITE_OPERAND = Command(0, "PIMWR")
CASES = [
    Case("tRC", {"tRC": BIG}, BIG, lambda g: [at(0, "ACT"), at(9, "PRE"), at(g, "ACT")]),
    Case("tRAS", {"tRAS": BIG}, BIG, alone(at(0, "ACT"), lambda s: at(s, "PRE"))),
    Case("tRAS", {"tRAS": BIG}, BIG, alone(at(0, "ACT"), lambda s: everywhere(s, "PREA"))),
    Case("tRCDRD", {"tRCD": BIG}, BIG, alone(at(0, "ACT"), lambda s: at(s, "RD"))),
    Case("tRCDRD", {"tRCDRD": BIG, "tRCDWR": 9}, BIG, alone(at(0, "ACT"), lambda s: at(s, "RDA"))),
    Case("tRCDRD", {"tRCD": BIG}, BIG, alone(at(0, "ACT"), lambda s: at(s, "MAC"))),
    Case("tRCDWR", {"tRCD": BIG}, BIG, alone(at(0, "ACT"), lambda s: at(s, "WR"))),
    Case("tRCDWR", {"tRCDRD": 9, "tRCDWR": BIG}, BIG, alone(at(0, "ACT"), lambda s: at(s, "WRA"))),
    Case("tRP", {"tRP": BIG}, BIG, pair("PRE", "ACT")),
    Case("tRP", {"tRP": BIG}, BIG, lambda g: [*pair("PRE", "PRE")(9), everywhere(40 + 9 + g, "REF")]),
    Case("tRPab", {"tRPab": BIG}, BIG, alone(everywhere(9, "PREA"), lambda s: at(s, "ACT"), at(0, "ACT"))),
    Case("tRPab", {"tRPab": BIG}, BIG, alone(everywhere(9, "PREA"), lambda s: everywhere(s, "REF"))),
    Case("tRTP", {"tRTP": BIG}, BIG, pair("RD", "PRE")),
    Case("tRTP", {"tRTP": BIG}, BIG, pair("MAC", "PRE")),
    Case("tRP", {"tRTP": 15, "tRP": 5}, BIG, pair("RDA", "ACT")),
    Case("tRP", {"tRAS": 55, "tRP": 5}, BIG, pair("RDA", "ACT")),
    Case("tWR", {"tWR": 12, "tCWL": 5, "burst": 3, "tCL": 5}, BIG, pair("WR", "PRE")),
    Case("tRP", {"tWR": 7, "tCWL": 5, "burst": 3, "tRP": 5, "tCL": 5}, BIG, pair("WRA", "ACT")),
    Case("tRRD_L", {"tRRD_L": BIG}, BIG, alone(at(0, "ACT"), lambda s: at(s, "ACT", 0, 1))),
    Case("tRRD_S", {"tRRD_S": BIG}, BIG, alone(at(0, "ACT"), lambda s: at(s, "ACT", 1, 0))),
    Case("tPPD", {"tPPD": BIG}, BIG, pair("PRE", "PRE", 1, 0)),
    Case("tCCD_L", {"tCCD_L": BIG}, BIG, pair("RD", "RD", 0, 1)),
    Case("tCCD_L", {"tCCD_L": BIG}, BIG, pair("WR", "WR", 0, 1)),
    Case("tCCD_L", {"tCCD_L_WR": BIG}, BIG, pair("WR", "WR")),
    Case("tCCD_L", {"tCCD_L": BIG}, BIG, pair("MAC", "MAC")),
    Case("tCCD_S", {"tCCD_S": BIG}, BIG, pair("RD", "RD", 1, 0)),
    Case("tCCD_S", {"tCCD_S": BIG}, BIG, pair("WR", "WR", 1, 0)),
    Case("tCCD_S", {"tCCD_S_WR": BIG}, BIG, pair("WR", "WR", 2, 0)),
    Case("tCCD_AB", {"tCCD_AB": BIG}, BIG, pair("MAC", "MAC")),
    Case("tRTW", {"tRTW": BIG}, BIG, pair("RD", "WR", 1, 0)),
    Case("tWTR_L", {"tWTR_L": 12, "tCWL": 5, "burst": 3, "tCL": 5}, BIG, pair("WR", "RD", 0, 1)),
    Case("tWTR_S", {"tWTR_S": 12, "tCWL": 5, "burst": 3, "tCL": 5}, BIG, pair("WR", "RD", 1, 0)),
    Case("tRFC", {"tRFC": BIG}, BIG, alone(everywhere(0, "REF"), lambda s: at(s, "ACT"))),
    Case("tRFC", {"tRFC": BIG}, BIG, alone(everywhere(0, "REF"), lambda s: everywhere(s, "REF"))),
    Case("tRC", {"tRC": BIG}, BIG, lambda g: [at(0, "ACT"), at(9, "PRE"), everywhere(g, "REF")]),
    Case("tRFCsb", {"tRFCsb": BIG, "tRREFD": 1}, BIG, alone(at(0, "REFSB"), lambda s: at(s, "ACT"))),
    Case("tRFCsb", {"tRFCsb": BIG, "tRREFD": 1}, BIG, alone(at(0, "REFSB"), lambda s: everywhere(s, "REF"))),
    Case("tRREFD", {"tRFCsb": 1, "tRREFD": BIG}, BIG, alone(at(0, "REFSB"), lambda s: at(s, "ACT", 1))),
    Case("tRREFD", {"tRFCsb": 1, "tRREFD": BIG}, BIG, alone(at(0, "REFSB"), lambda s: at(s, "REFSB", 1))),
    Case("tRRD_S", {"tRRD_S": BIG}, BIG, alone(at(0, "ACT"), lambda s: at(s, "REFSB", 2))),
    Case("tMOD", {"tMOD": BIG}, BIG, alone(everywhere(0, "MODE"), lambda s: at(s, "ACT"))),
    Case(
        "tMODwr",
        {"tMOD": 1, "tCWL": 15, "burst": 5},
        BIG,
        alone(Command(0, "PIMWR"), lambda s: Command(s, "MODE")),
    ),
    Case("tFAW", {"tFAW": BIG}, BIG, lambda g: [*(at(i, "ACT", i) for i in range(4)), at(g, "ACT", 0, 1)]),
    Case(
        "tFAW",
        {"tFAW": BIG, "tRFCsb": 1, "tRREFD": 1},
        BIG,
        lambda g: [*(at(i, "ACT", i) for i in range(3)), at(3, "REFSB", 3), at(g, "ACT", 0, 1)],
        "LPDDR5",
    ),
    Case("data bus", {"burst": 8, "tCL": 9}, 8, pair("RD", "RD", 1, 0)),
    Case("data bus", {"burst": 8, "tCWL": 9}, 8, pair("WR", "WR", 1, 0)),
    Case("data bus", {"burst": 8, "tCL": 15, "tCWL": 3}, 20, pair("RD", "WR", 1, 0)),
    Case("data bus", {"burst": 8, "tCL": 9}, 8, alone(Command(0, "PIMRD"), lambda s: Command(s, "PIMRD"))),
]


def rules(commands: list[Command], t: dict[str, int], family: str = "HBM", **options: Any) -> set[str]:
    return {v.rule for v in check(commands, t, GEOMETRY, family, **options)}


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{c.rule}" for i, c in enumerate(CASES)])
def test_d1_d2_every_constraint_is_exact_to_the_slot(case: Case) -> None:
    timing = {**LOOSE, **case.timing}
    assert rules(case.build(case.needed), timing, case.family) == set()
    assert rules(case.build(case.needed - 1), timing, case.family) == {case.rule}
    # Without this timing the same sequence passes, so nothing else was at work.
    if case.rule not in ("data bus", "tMODwr"):
        freed = {**timing, **{k: 1 for k in case.timing if k not in ("tCWL", "burst", "tCL")}}
        assert rules(case.build(case.needed - 1), freed, case.family) == set()


# Double entry: timing name, gap as a sum of timings, relation, commands before > commands after.
TABLE = """
tRC     tRC                bank   ACT ACTM > ACT ACTM REF REFSB
tRAS    tRAS               bank   ACT ACTM > PRE PREA
tRCDRD  tRCDRD             bank   ACT ACTM > RD RDA MAC
tRCDWR  tRCDWR             bank   ACT ACTM > WR WRA
tRP     tRP                bank   PRE > ACT ACTM REF REFSB MODE
tRPab   tRPab              bank   PREA > ACT ACTM REF REFSB MODE
tRTP    tRTP               bank   RD MAC > PRE PREA
tWR     tCWL+burst+tWR     bank   WR > PRE PREA
tRRD_L  tRRD_L             group  ACT > ACT REFSB
tRRD_S  tRRD_S             pc     ACT ACTM > ACT ACTM REFSB
tPPD    tPPD               pc     PRE PREA > PRE PREA
tCCD_L  tCCD_L             group  RD RDA MAC > RD RDA MAC
tCCD_S  tCCD_S             pc     RD RDA PIMRD MAC > RD RDA PIMRD MAC
tCCD_L  tCCD_L_WR          group  WR WRA > WR WRA
tCCD_S  tCCD_S_WR          pc     WR WRA PIMWR > WR WRA PIMWR
tCCD_L  tCCD_L             group  MAC > WR WRA
tRTW    tRTW               pc     RD RDA PIMRD > WR WRA PIMWR
tWTR_L  tCWL+burst+tWTR_L  group  WR WRA > RD RDA MAC
tWTR_S  tCWL+burst+tWTR_S  pc     WR WRA PIMWR > RD RDA PIMRD MAC
tCCD_AB tCCD_AB            pc     MAC > MAC
tRFC    tRFC               pc     REF > ACT ACTM REF REFSB MODE
tRFCsb  tRFCsb             bank   REFSB > ACT ACTM REFSB
tRFCsb  tRFCsb             pc     REFSB > REF MODE
tRREFD  tRREFD             pc     REFSB > ACT ACTM REFSB
tMOD    tMOD               pc     MODE > ACT ACTM PRE PREA REF REFSB MODE RD RDA PIMRD WR WRA PIMWR MAC
tMODwr  tCWL+burst         pc     WR WRA PIMWR > MODE
"""
EVERY = (
    *NAMES.split(),
    *[
        "tRCDRD",
        "tRCDWR",
        "tRPab",
        "tPPD",
        "tCCD_S_WR",
        "tCCD_L_WR",
        "tCCD_AB",
        "tRFC",
        "tRFCsb",
        "tRREFD",
        "tMOD",
    ],
)
DISTINCT = {name: 30 + 7 * i for i, name in enumerate(EVERY)}


def table() -> dict[tuple[str, str, str, str], int]:
    gaps = {}
    for line in TABLE.strip().splitlines():
        left, after = line.split(" > ")
        name, total, relation, *before = left.split()
        for pair_of in itertools.product(before, after.split()):
            gaps[(name, *pair_of, relation)] = sum(DISTINCT[x] for x in total.split("+"))
    return gaps


def test_rules_are_the_table_no_more_and_no_less() -> None:
    rules_built = build_rules(DISTINCT, PimLimits())
    assert {(r.name, r.before, r.after, r.relation): r.gap for r in rules_built} == table()
    assert len(rules_built) == len(table())


def test_d2_checker_sees_every_pair_of_the_table_one_slot_early() -> None:
    both = {"bank": (0, 0), "group": (0, 1), "pc": (3, 3)}
    for (name, before, after, relation), gap in table().items():
        group, bank = both[relation]

        def command(slot: int, kind: str, group: int, bank: int) -> Command:
            if kind == "ACTM":
                return Command(slot, "ACT", 0, ALL, ALL, 3, (group * 4 + bank, 9))
            return at(slot, kind, group, bank)

        first = spread(command(0, before, 0, 0), DISTINCT, GEOMETRY, PimLimits())[-1].slot
        if before == "ACTM" and relation == "bank":
            first = 0  # the first bank opens at once
        for early in (0, 1):
            pair_of = [command(0, before, 0, 0), command(first + gap - early, after, group, bank)]
            found = check(pair_of, DISTINCT, GEOMETRY, "HBM")
            texts = [v.message for v in found if v.rule == name]
            assert any(f"{before} to {after}: {gap - 1} slots" in x for x in texts) == bool(early), name
