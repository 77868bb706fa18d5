"""What only a sequence shows: windows, buses, bank state, modes, refresh duty, a real device in time."""

from typing import Any

import pytest
from tests.oracles.devices import DEVICES
from tests.oracles.jedec_checker import Checker, check
from tests.oracles.jedec_rules import ALL, Command, Geometry, PimLimits

GEOMETRY = Geometry(4, 4, rows=64)
NAMES = "tRCD tRP tRAS tRC tRTP tWR tWTR_S tWTR_L tRRD_S tRRD_L tCCD_S tCCD_L tRTW tCL tCWL burst"
LOOSE = dict.fromkeys(NAMES.split(), 1)
ALL_BANKS = tuple(range(16))


def at(slot: int, name: str, group: int = 0, bank: int = 0, row: int = -1, pc: int = 0) -> Command:
    return Command(slot, name, pc, group, bank, 3 if name == "ACT" and row < 0 else row)


def everywhere(slot: int, name: str, banks: tuple[int, ...] = ()) -> Command:
    return Command(slot, name, 0, ALL, ALL, 3 if name == "ACT" else -1, banks)


def rules(commands: list[Command], t: dict[str, int], family: str = "HBM", **options: Any) -> set[str]:
    return {v.rule for v in check(commands, t, GEOMETRY, family, **options)}


def test_32_activation_window_is_exact_to_the_slot() -> None:
    timing = {**LOOSE, "t32AW": 200}

    def build(gap: int) -> list[Command]:
        first = [c for i in range(16) for c in [at(2 * i, "ACT", i // 4, i % 4)]]
        closed = everywhere(40, "PREA")
        second = [at(50 + 2 * i, "ACT", i // 4, i % 4) for i in range(16)]
        return [*first, closed, *second, everywhere(90, "PREA"), at(gap, "ACT")]

    assert rules(build(200), timing, "GDDR6") == set()
    assert rules(build(199), timing, "GDDR6") == {"t32AW"}


def test_power_window_counts_every_bank_of_a_lock_step_activate() -> None:
    off = PimLimits(rrd=False, faw=False)

    def build(gap: int) -> list[Command]:
        rows = [(everywhere(9 * i, "ACT", ALL_BANKS), everywhere(9 * i + 5, "PREA")) for i in range(4)]
        return [c for row in rows for c in row] + [everywhere(gap, "ACT", ALL_BANKS)]

    assert rules(build(100), LOOSE, limits=off, power=(100, 64)) == set()
    assert rules(build(99), LOOSE, limits=off, power=(100, 64)) == {"power"}
    assert rules(build(40), LOOSE, limits=off, power=(100, 80)) == set()
    assert rules(build(40), {**LOOSE, "tFAW": 99}, limits=off) == set()


@pytest.mark.parametrize(
    ("limits", "opened"),
    [
        (PimLimits(False, False), 0),
        (PimLimits(True, False), 30),
        (PimLimits(False, True), 60),
        (PimLimits(), 66),
    ],
)
def test_lock_step_rows_open_as_fast_as_the_limits_let_them(limits: PimLimits, opened: int) -> None:
    timing = {**LOOSE, "tRRD_S": 2, "tFAW": 20, "tRCD": 10}

    def build(gap: int) -> list[Command]:
        return [everywhere(0, "ACT", ALL_BANKS), everywhere(gap, "MAC", ALL_BANKS)]

    assert rules(build(opened + 10), timing, limits=limits) == set()
    assert rules(build(opened + 9), timing, limits=limits) == {"tRCDRD"}


def test_command_bus_takes_one_command_of_a_kind_a_slot() -> None:
    both = [at(0, "ACT"), at(9, "RD"), at(9, "ACT", 1)]
    assert rules(both, LOOSE) == set()
    assert rules(both, LOOSE, "DDR4") == {"command bus"}
    other_pc = [at(0, "ACT"), at(0, "ACT", pc=1)]
    found = check(other_pc, LOOSE, Geometry(4, 4, 64, 2), "HBM")
    assert [v.rule for v in found] == ["command bus"]
    two_slots: dict[str, Any] = {"bus_slots": {"ACT": 2}}
    assert rules([at(0, "ACT"), at(1, "ACT", 1)], LOOSE, **two_slots) == {"command bus"}
    assert rules([at(0, "ACT"), at(2, "ACT", 1)], LOOSE, **two_slots) == set()


@pytest.mark.parametrize(
    ("commands", "rule"),
    [
        ([at(0, "RD")], "state"),
        ([at(0, "ACT"), at(9, "PRE"), at(19, "WR")], "state"),
        ([at(0, "ACT"), at(9, "RD", row=4)], "state"),
        ([at(0, "ACT"), at(9, "RDA"), at(19, "RD")], "state"),
        ([at(0, "ACT"), at(9, "ACT")], "state"),
        ([at(0, "ACT"), everywhere(9, "REF")], "state"),
        ([at(0, "ACT"), at(9, "REFSB")], "state"),
        ([at(0, "ACT"), everywhere(9, "MODE")], "state"),
        ([at(0, "ACT"), everywhere(9, "MAC", (0, 1))], "state"),
        ([at(0, "ACT", row=64)], "address"),
        ([at(9, "ACT"), at(8, "PRE")], "order"),
        ([at(0, "NOP")], "command"),
    ],
)
def test_d3_commands_that_the_state_forbids(commands: list[Command], rule: str) -> None:
    assert rule in rules(commands, {**LOOSE, "tMOD": 1, "tRFCsb": 1, "tRREFD": 1})


def test_same_bank_refresh_only_where_the_standard_has_it() -> None:
    timing = {**LOOSE, "tRFCsb": 1, "tRREFD": 1}
    assert rules([at(0, "REFSB")], timing, "DDR4") == {"command"}
    assert rules([at(0, "REFSB")], timing, "DDR5") == set()


def test_exclusive_mode_separates_pim_from_ordinary_commands() -> None:
    timing = {**LOOSE, "tMOD": 5}
    mac = [everywhere(10, "ACT", ALL_BANKS), everywhere(20, "MAC", ALL_BANKS), everywhere(30, "PREA")]
    read = [at(50, "ACT"), at(60, "RD")]
    options: dict[str, Any] = {"exclusive_mode": True, "limits": PimLimits(False, False)}
    legal = [everywhere(0, "MODE"), *mac, everywhere(40, "MODE"), *read]
    assert rules(legal, timing, **options) == set()
    assert rules([everywhere(0, "MODE"), *mac, *read], timing, **options) == {"mode"}
    assert rules(mac, timing, **options) == {"mode"}


@pytest.mark.parametrize("late", [0, 1])
def test_d3_refresh_may_be_postponed_eight_times_and_no_more(late: int) -> None:
    timing = {**LOOSE, "tRFC": 10, "tREFI": 100}
    burst = [everywhere(900 + late + 10 * i, "REF") for i in range(9)]
    assert rules(burst, timing, refresh=True, end_slot=1000) == ({"refresh"} if late else set())
    assert rules([], timing, refresh=True, end_slot=899) == set()
    assert rules([], timing, refresh=True, end_slot=900) == {"refresh"}
    assert rules([], timing, "DDR5", refresh=True, end_slot=500) == {"refresh"}


def test_d3_same_bank_refresh_must_reach_every_bank() -> None:
    timing = {**LOOSE, "tRFCsb": 2, "tRREFD": 2, "tREFI": 100}
    each = [at(5 * i, "REFSB", i // 4 % 4, i % 4) for i in range(16 * 8)]
    reached = [c for c in each if (c.bank_group, c.bank) != (2, 1)]
    assert rules(each, timing, refresh=True, end_slot=1600) == set()
    found = check(reached, timing, GEOMETRY, "HBM", refresh=True, end_slot=1600)
    assert [v.rule for v in found] == ["refresh"]
    assert "bank 9 " in found[0].message


def test_legal_hand_made_hbm2_sequence_passes_and_one_slot_less_fails() -> None:
    device = DEVICES["HBM2"]
    legal = [
        at(0, "ACT", row=5),
        at(4, "ACT", 1, row=6),
        at(14, "RD", row=5),
        at(18, "RD", 1, row=6),
        at(20, "RD", row=5),
        at(35, "WR", row=5),  # RD + tRTW 13 = 33, other group; here with slack
        at(50, "RD", row=5),  # WR + tCWL 5 + burst 2 + tWTR_L 8
        at(58, "PRE"),  # WR + 5 + 2 + tWR 16
        at(60, "PRE", 1),
        at(74, "REF", ALL, ALL),  # PRE + tRP
        at(424, "ACT", row=9),  # REF + tRFC
    ]
    assert check(legal, device.timing, device.geometry, device.family) == []
    for early in (1, 3, 6, 7, 9, 10):
        broken = list(legal)
        broken[early] = broken[early]._replace(slot=broken[early].slot - 1)
        if early == 6:
            broken[6] = broken[6]._replace(slot=49)
        assert len(check(broken, device.timing, device.geometry, device.family)) == 1, early


def test_checker_reads_incrementally() -> None:
    checker = Checker(LOOSE, GEOMETRY, "HBM")
    checker.read(at(0, "ACT"))
    checker.read(at(1, "RD", 1))
    (violation,) = checker.finish()
    assert (violation.position, violation.rule) == (1, "state")
