"""Traces of PIM programs as the legality checker reads them."""

from typing import Any

import numpy as np
from tests.oracles.jedec_checker import Checker, Violation
from tests.oracles.jedec_rules import Command, Geometry, PimLimits

from bankside.arch.dram.channel.pim.program import COLUMN, COUNT, FENCE, Entries
from bankside.arch.dram.channel.pim.run import trace_lines
from bankside.arch.dram.device.standard import Standard

NAMES = {"ACT_AB": "ACT", "PRE_AB": "PRE", "MAC": "MAC"}


def timing(standard: Standard) -> dict[str, int]:
    """Timings of a device by the checker's names."""
    t = dict(standard.timings_ck)
    t["burst"] = int(standard.packed[0]["burst"])
    t["tRTW"] = t["tCL"] + t["burst"] + 2 - t["tCWL"]
    return t


def commands(standard: Standard, trace: Any) -> list[Command]:
    """The commands of a trace in order; an activation of two clocks counts from its second."""
    packed = standard.packed[0]
    inside = standard.ranks * standard.bank_groups * standard.banks_per_group
    found = []
    for slot, name, bank, row, _ in trace_lines(trace):
        pc = bank // inside
        span = int(packed["stage"] if name == "ACT_AB" else packed["slice_banks"])
        first = int(packed["position"][bank]) // span * span
        banks = tuple(sorted(int(b) % inside for b in packed["member"][first : first + span]))
        if name in ("ACT", "ACT_AB"):
            slot += int(packed["occupancy"][0]) - 1
        if name in ("ACT_AB", "PRE_AB", "MAC") or (name == "PIM_WR" and row >= 0):
            found.append(Command(slot, NAMES.get(name, "WR"), pc, row=row, banks=banks))
        elif name in ("REF", "PREA"):
            found.append(Command(slot, name, pc))
        elif name in ("PIM_WR", "PIM_RD"):
            found.append(Command(slot, name.replace("_", ""), pc))
        else:
            group, inner = divmod(bank % inside, standard.banks_per_group)
            found.append(Command(slot, name, pc, group, inner, row))
    return sorted(found, key=lambda command: command.slot)


def violations(
    standard: Standard,
    trace: Any,
    *,
    rrd: bool = False,
    faw: bool = False,
    timings: dict[str, int] | None = None,
) -> list[Violation]:
    """What a trace breaks of the standard's rules, with activation limits of PIM commands as given."""
    groups = standard.ranks * standard.bank_groups
    geometry = Geometry(groups, standard.banks_per_group, standard.rows, standard.pseudo_channels)
    checker = Checker(timings or timing(standard), geometry, "HBM", limits=PimLimits(rrd, faw))
    for command in commands(standard, trace):
        checker.read(command)
    return checker.finish()


def singles(entries: Entries) -> Entries:
    """A program with every command an entry of its own."""
    found = np.repeat(entries, entries[:, COUNT], axis=0)
    nth = np.arange(len(found)) - np.repeat(
        np.cumsum(entries[:, COUNT]) - entries[:, COUNT], entries[:, COUNT]
    )
    every, count = found[:, FENCE].copy(), found[:, COUNT].copy()
    found[:, COLUMN] += nth
    found[:, COUNT] = 1
    found[:, FENCE] = (every > 0) & (((nth + 1) % np.maximum(every, 1) == 0) | (nth + 1 == count))
    return found
