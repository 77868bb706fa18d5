"""Traces of queued controllers as the legality checker reads them, and the command buses that they were sent on."""

from typing import Any

import numpy as np
from tests.oracles.jedec_checker import Checker, Violation
from tests.oracles.jedec_rules import Command, Geometry

from bankside.arch.dram.device.commands import ACT, ACT2, CAS, COMMANDS, RD, RDA, WR, WRA
from bankside.arch.dram.device.standard import Standard

FAMILIES = ("HBM", "DDR4", "DDR5", "GDDR6", "LPDDR5", "HMC")
NEEDED = (
    "tRCD", "tRP", "tRAS", "tRC", "tRTP", "tWR", "tWTR_S", "tWTR_L", "tRRD_S", "tRRD_L", "tCCD_S", "tCCD_L", "tCL",
    "tCWL",
)  # fmt: skip
SILENT = (ACT2, CAS)
"""Commands that take the bus and nothing else."""

LOOSER = {
    "HBM3": {("tRRD_L", "ACT to REFSB")},
    "HBM4": {("tRRD_L", "ACT to REFSB")},
    "LPDDR5": {("tRRD_S", "ACT to REFSB"), ("tRRD_L", "ACT to REFSB"), ("tRPab", "PREA to REF")},
}
"""Rules of the checker that devices which follow Ramulator 2.1 c5b1c3a do not state, by family: HBM3 and HBM4 space ACT
and REFSB of one bank group by tRRD_S, LPDDR5 not at all, and its REF follows PREA after tRP instead of tRPab."""

CLOSED_LOOSER = {
    ("tRC", "ACT to REF"),
    ("tRP", "PRE to REF"),
    ("tRC", "ACT to REFSB"),
    ("tRP", "PRE to REFSB"),
}
"""The same for refreshes after a column command that closes its row: DRAMsim3 29817593 lets REF come tRTP + tRP after
RDA whenever the row was opened, and HBM and LPDDR5 devices do not relate REFSB to RDA and WRA."""


def family(standard: Standard) -> str:
    """The checker's name of a standard; two command buses make it HBM, whatever it is called."""
    if not standard.packed[0]["single_bus"]:
        return "HBM"
    name = standard.spec.family.upper()
    return next((known for known in FAMILIES if name.startswith(known) and known != "HBM"), "GDDR6")


def timing(standard: Standard) -> dict[str, int]:
    """Timings of a device in slots, by the checker's names; one that it does not state binds nothing."""
    per_clock = standard.spec.slots_per_ck
    t = {name: clocks * per_clock for name, clocks in standard.timings_ck.items()}
    t = {**dict.fromkeys(NEEDED, 0), **t}
    t["burst"] = int(standard.packed[0]["burst"])
    t.setdefault("tRTW", t["tCL"] + t["burst"] + t.get("tRTRS", per_clock) - t["tCWL"])
    if "tRFCpb" in t:
        t["tRFCsb"] = t["tRFCpb"]
        t.setdefault("tRREFD", t.get("tPBR2ACT", 1))
    return t


def geometry(standard: Standard) -> tuple[Geometry, int]:
    """What shares rules for the checker (a pseudo-channel, or a rank where ranks refresh alone), and its banks."""
    s = standard
    apart = s.pseudo_channels * (s.ranks if s.refresh_nodes == s.pseudo_channels * s.ranks else 1)
    groups = s.pseudo_channels * s.ranks * s.bank_groups // apart
    return Geometry(groups, s.banks_per_group, s.rows, apart), groups * s.banks_per_group


def commands(standard: Standard, trace: Any) -> list[Command]:
    """The commands of a trace; where latencies count from the last slot of a command, at that slot."""
    occupancy = standard.packed[0]["occupancy"]
    last = standard.spec.latency_from == "last"
    banks = geometry(standard)[1]
    found = []
    for slot, code, bank, row, _ in trace.tolist():
        if code in SILENT:
            continue
        name = COMMANDS[code]
        slot += int(occupancy[code]) - 1 if last else 0
        pc, flat = divmod(bank, banks)
        if name in ("REF", "PREA"):
            found.append(Command(slot, name, pc))
        else:
            found.append(Command(slot, name, pc, *divmod(flat, standard.banks_per_group), row))
    return sorted(found, key=lambda command: command.slot)


def violations(standard: Standard, trace: Any) -> list[Violation]:
    """What a trace breaks of the standard's rules.

    A row that its column command closes is precharged inside the device, at no clock edge: there tRAS ends tRP
    before tRC, also where the clocks of the two add up to one more than those of tRC.
    """
    t = timing(standard)
    looser = next((rules for name, rules in LOOSER.items() if standard.spec.family.startswith(name)), set())
    if np.isin(trace[:, 1], (RDA, WRA)).any():
        tool = "tRTRS" in t  # a timing that DRAMsim3 alone has
        looser = looser | {pair for pair in CLOSED_LOOSER if tool or pair[1].endswith("REFSB")}
        t["tRAS"] = min(t["tRAS"], t["tRC"] - t["tRP"])
    known = family(standard)
    if known == "LPDDR5":
        known = "GDDR6"  # the same but for REFSB, which the devices do not count in tFAW, as Ramulator 2.1
    checker = Checker(t, geometry(standard)[0], known)
    for command in commands(standard, trace):
        checker.read(command)
    return [v for v in checker.finish() if (v.rule, v.message.partition(":")[0]) not in looser]


def bus_conflicts(standard: Standard, trace: Any) -> int:
    """Commands that start while their bus still carries the one before."""
    std, code = standard.packed[0], trace[:, 1]
    column = np.isin(code, (RD, RDA, WR, WRA)) & (std["single_bus"] == 0)
    found = 0
    for chosen in (column, ~column):
        start, length = trace[chosen, 0], std["occupancy"][code[chosen]]
        found += int((start[1:] < start[:-1] + length[:-1]).sum())
    return found


def off_the_edge(standard: Standard, trace: Any) -> int:
    """Column commands and activations that do not start on a rising clock edge, where slots are half clocks."""
    if standard.spec.slots_per_ck == 1:
        return 0
    starts = trace[np.isin(trace[:, 1], (ACT, RD, RDA, WR, WRA)), 0]
    return int((starts % 2 == 0).sum())
