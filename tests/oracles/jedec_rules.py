"""Command spacing rules of the DRAM standards as plain data, written from the standards' own tables.

Everything here counts in command slots of one channel (the caller converts clocks to slots). Nothing of
bankside is imported. Sources, by the names the standards use:

* DDR4 JESD79-4: 4.3 bank groups (tCCD_S/L, tRRD_S/L, tWTR_S/L), 4.24-4.26 read and write, 4.26 refresh,
  table "Timing Parameters by Speed Grade" (tRCD, tRP, tRAS, tRC, tFAW, tRTP, tWR).
* DDR5 JESD79-5: tCCD_L_WR, tPPD, same-bank refresh tRFCsb, tREFSBRD (called tRREFD here).
* HBM JESD235 / HBM3 JESD238: tRCDRD, tRCDWR, tRTW, separate row and column command buses, REFSB, tRREFD.
* GDDR6 JESD250: t32AW.  LPDDR5 JESD209-5: tRPab, tPPD, a per-bank refresh counts as an activate in tFAW.
"""

from collections.abc import Mapping
from typing import NamedTuple

ALL = -1
READS = ("RD", "RDA", "PIMRD")
WRITES = ("WR", "WRA", "PIMWR")
ROW_COMMANDS = ("ACT", "PRE", "PREA", "REF", "REFSB", "MODE")
COLUMN_COMMANDS = (*READS, *WRITES, "MAC")


class Family(NamedTuple):
    """What a standard fixes beside its timings."""

    split_bus: bool  # a row and a column command may share a slot
    postponed: int  # refreshes that may be outstanding
    same_bank_refresh: bool
    refsb_is_activate: bool  # counts in the rolling activation windows


FAMILIES = {
    "HBM": Family(True, 8, True, False),
    "DDR4": Family(False, 8, False, False),
    "DDR5": Family(False, 4, True, False),
    "GDDR6": Family(False, 8, True, False),
    "LPDDR5": Family(False, 8, True, True),
    "HMC": Family(False, 8, True, False),
}


class Geometry(NamedTuple):
    """One channel: pseudo-channels share its command bus, each has its own data bus."""

    bank_groups: int
    banks_per_group: int
    rows: int = 1 << 16
    pseudo_channels: int = 1


class Command(NamedTuple):
    """One command. `banks` (flat numbers bank_group * banks_per_group + bank) names a lock-step set."""

    slot: int
    name: str
    pc: int = 0
    bank_group: int = ALL
    bank: int = ALL
    row: int = -1
    banks: tuple[int, ...] = ()


class Rule(NamedTuple):
    """`after` comes at least `gap` slots after `before`, where the two share a bank, bank group or pc."""

    name: str
    before: str
    after: str
    relation: str  # "bank", "group" or "pc"
    gap: int


class PimLimits(NamedTuple):
    """Which activation limits bind commands that open several banks at once, each switchable."""

    rrd: bool = True
    faw: bool = True


def banks_of(command: Command, geometry: Geometry) -> tuple[int, ...]:
    """Flat bank numbers that a command touches; none for commands that touch no bank."""
    if command.banks:
        return command.banks
    if command.name in ("PIMWR", "PIMRD"):
        return ()
    groups = range(geometry.bank_groups) if command.bank_group == ALL else (command.bank_group,)
    banks = range(geometry.banks_per_group) if command.bank == ALL else (command.bank,)
    return tuple(g * geometry.banks_per_group + b for g in groups for b in banks)


def pcs_of(command: Command, geometry: Geometry) -> tuple[int, ...]:
    """Pseudo-channels that a command touches."""
    return tuple(range(geometry.pseudo_channels)) if command.pc == ALL else (command.pc,)


def spread(
    command: Command, timing: Mapping[str, int], geometry: Geometry, limits: PimLimits
) -> list[Command]:
    """A multi-bank ACT as the activations (events named ACTM) it causes; any other command as it is.

    The command takes one slot; the device spreads its word lines: the next one tRRD_S after the one before
    and tFAW after the fourth before, as far as each limit is switched on. With both off all open at once.
    """
    banks = banks_of(command, geometry)
    if command.name != "ACT" or len(banks) < 2:
        return [command]
    offsets = [0]
    for i in range(1, len(banks)):
        offset = offsets[-1] + (timing["tRRD_S"] if limits.rrd else 0)
        if limits.faw and i >= 4:
            offset = max(offset, offsets[i - 4] + timing["tFAW"])
        offsets.append(offset)
    return [
        command._replace(name="ACTM", slot=command.slot + o, banks=(b,))
        for o, b in zip(offsets, banks, strict=True)
    ]


def build_rules(t: Mapping[str, int], limits: PimLimits) -> list[Rule]:
    """Every pairwise rule that the timing names in `t` give.

    Needed: tRCD (or tRCDRD and tRCDWR), tRP, tRAS, tRC, tRTP, tWR, tWTR_S, tWTR_L, tRRD_S, tRRD_L, tCCD_S,
    tCCD_L, tRTW, tCL, tCWL, burst. Optional: tFAW, t32AW, tREFI, tRFC, tRFCsb, tRREFD, tRPab, tPPD,
    tCCD_S_WR, tCCD_L_WR, tCCD_AB (lock-step MAC to MAC), tMOD.
    """
    rules: list[Rule] = []

    def add(name: str, before: tuple[str, ...], after: tuple[str, ...], relation: str, gap: int) -> None:
        rules.extend(Rule(name, b, a, relation, gap) for b in before for a in after)

    data_written = t["tCWL"] + t["burst"]
    act = ("ACT", "ACTM")
    add("tRC", act, (*act, "REF", "REFSB"), "bank", t["tRC"])
    add("tRAS", act, ("PRE", "PREA"), "bank", t["tRAS"])
    add("tRCDRD", act, ("RD", "RDA", "MAC"), "bank", t.get("tRCDRD", t.get("tRCD", 0)))
    add("tRCDWR", act, ("WR", "WRA"), "bank", t.get("tRCDWR", t.get("tRCD", 0)))
    add("tRP", ("PRE",), (*act, "REF", "REFSB", "MODE"), "bank", t["tRP"])
    add("tRPab", ("PREA",), (*act, "REF", "REFSB", "MODE"), "bank", t.get("tRPab", t["tRP"]))
    add("tRTP", ("RD", "MAC"), ("PRE", "PREA"), "bank", t["tRTP"])
    add("tWR", ("WR",), ("PRE", "PREA"), "bank", data_written + t["tWR"])

    spaced = act if limits.rrd else ("ACT",)
    add("tRRD_L", ("ACT",), ("ACT", "REFSB"), "group", t["tRRD_L"])
    add("tRRD_S", spaced, (*spaced, "REFSB"), "pc", t["tRRD_S"])
    if "tPPD" in t:
        add("tPPD", ("PRE", "PREA"), ("PRE", "PREA"), "pc", t["tPPD"])

    banked_reads, banked_writes = ("RD", "RDA", "MAC"), ("WR", "WRA")
    add("tCCD_L", banked_reads, banked_reads, "group", t["tCCD_L"])
    add("tCCD_S", (*READS, "MAC"), (*READS, "MAC"), "pc", t["tCCD_S"])
    add("tCCD_L", banked_writes, banked_writes, "group", t.get("tCCD_L_WR", t["tCCD_L"]))
    add("tCCD_S", WRITES, WRITES, "pc", t.get("tCCD_S_WR", t["tCCD_S"]))
    add("tCCD_L", ("MAC",), banked_writes, "group", t["tCCD_L"])
    add("tRTW", READS, WRITES, "pc", t["tRTW"])
    add("tWTR_L", banked_writes, banked_reads, "group", data_written + t["tWTR_L"])
    add("tWTR_S", WRITES, (*READS, "MAC"), "pc", data_written + t["tWTR_S"])
    if "tCCD_AB" in t:
        add("tCCD_AB", ("MAC",), ("MAC",), "pc", t["tCCD_AB"])

    if "tRFC" in t:
        add("tRFC", ("REF",), (*act, "REF", "REFSB", "MODE"), "pc", t["tRFC"])
    if "tRFCsb" in t:
        add("tRFCsb", ("REFSB",), (*act, "REFSB"), "bank", t["tRFCsb"])
        add("tRFCsb", ("REFSB",), ("REF", "MODE"), "pc", t["tRFCsb"])
        add("tRREFD", ("REFSB",), (*act, "REFSB"), "pc", t["tRREFD"])
    if "tMOD" in t:
        add("tMOD", ("MODE",), (*ROW_COMMANDS, "ACTM", *COLUMN_COMMANDS), "pc", t["tMOD"])
        add("tMODwr", WRITES, ("MODE",), "pc", data_written)
    return rules


def related(a: Command, b: Command, relation: str, geometry: Geometry) -> bool:
    """Whether two commands share a bank, a bank group or a pseudo-channel."""
    if not set(pcs_of(a, geometry)) & set(pcs_of(b, geometry)):
        return False
    if relation == "pc":
        return True
    mine, theirs = set(banks_of(a, geometry)), set(banks_of(b, geometry))
    if relation == "group":
        k = geometry.banks_per_group
        mine, theirs = {x // k for x in mine}, {x // k for x in theirs}
    return bool(mine & theirs)


def windows_of(
    t: Mapping[str, int], limits: PimLimits, power: tuple[int, int] | None = None
) -> list[tuple[str, tuple[str, ...], int, int]]:
    """Rolling activation windows as (name, events that count, how many are allowed, slots)."""
    act = ("ACT", "ACTM")
    counted = act if limits.faw else ("ACT",)
    windows: list[tuple[str, tuple[str, ...], int, int]] = [
        (name, counted, n, t[name]) for name, n in (("tFAW", 4), ("t32AW", 32)) if name in t
    ]
    if power is not None:
        windows.append(("power", act, power[1], power[0]))
    return windows
