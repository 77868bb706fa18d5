"""Streaming whole rows through the banks of a PIM scope: its pace in closed form, under each limit.

Row after row, the banks of one slice are activated (together, or in stages as the limits allow), read one column per
MAC interval in lock step, and precharged. With every limit off the pace while columns stream is one column of every
bank per tCCD_L; the limits add to it:

* tRRD: banks are activated one by one, tRRD_S apart;
* tFAW, t32AW: the n-th activation waits for the window after the (n - 4)-th or (n - 32)-th;
* power with a window: the same with its number of activates;
* power as a slower MAC: a longer interval.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.rules import (
    Rule,
    activation_stage,
    compile_rules,
    limit_of,
    occupancy_slots,
    scope_banks,
)
from bankside.arch.dram.device.sections import PowerLimit
from bankside.arch.dram.device.timing import latency_slots


def _longest(rules: Sequence[Rule], before: str, after: str) -> int:
    return max(
        (r.latency for r in rules if (r.preceding, r.following, r.window) == (before, after, 1)), default=0
    )


def windows_slots(spec: DeviceSpec) -> list[tuple[int, int]]:
    """Activation windows that hold PIM commands: (activations, slots) each."""
    if spec.pim is None:
        return []
    limits = spec.pim.limits
    found = [
        (line.window, latency_slots(spec, line.latency))
        for line in spec.constraints
        if line.window > 1 and (limit := limit_of(line)) is not None and getattr(limits, limit)
    ]
    if isinstance(limits.power, PowerLimit):
        slots = ceil(limits.power.window * spec.clock * spec.slots_per_ck - 1e-6)
        found.append((limits.power.activates, slots))
    return found


def opening_slots(spec: DeviceSpec, scope: str) -> list[int]:
    """Slots from the first to each of the activations that open one row in every bank of a slice."""
    banks, stage = scope_banks(spec, scope), min(activation_stage(spec), scope_banks(spec, scope))
    apart = max(_longest(compile_rules(spec, scope), "ACT_AB", "ACT_AB") if stage == 1 else 0, 0)
    if spec.pim is None or not spec.pim.limits.tRRD:
        apart = 0
    else:
        apart = min(
            latency_slots(spec, line.latency)
            for line in spec.constraints
            if line.window == 1 and limit_of(line) == "tRRD"
        )
    bus = occupancy_slots(spec, "ACT_AB")
    slots: list[int] = []
    for first in range(0, banks, stage):
        at = slots[first - 1] + max(apart, bus) if first else 0
        for count, length in windows_slots(spec):
            last = first + stage - 1 - count
            if last >= 0:
                at = max(at, slots[last] + length)
        slots += [at] * stage
    return slots


def row_period_slots(spec: DeviceSpec, scope: str, columns: int) -> Fraction:
    """Slots from one row of a slice to the next when each gives `columns` columns and one slice is streamed.

    The period is the longer of the way through a row (last activation, tRCD, columns, tRTP, tRP) and what the row
    cycle and the windows ask of rows in sequence. A window that holds the activations of several rows paces them
    together: the mean is given.
    """
    rules = compile_rules(spec, scope)
    opened = opening_slots(spec, scope)
    first_column = opened[-1] + _longest(rules, "ACT_AB", "MAC")
    last_column = first_column + (columns - 1) * _longest(rules, "MAC", "MAC")
    closing = max(
        last_column + _longest(rules, "MAC", "PRE_AB"), opened[-1] + _longest(rules, "ACT_AB", "PRE_AB")
    )
    period = Fraction(closing + _longest(rules, "PRE_AB", "ACT_AB"))
    for count, length in windows_slots(spec):
        for i in range(len(opened)):
            back = (i - count) % len(opened)  # the activation that the i-th of a row waits for,
            rows = (count - i + back) // len(opened)  # this many rows before
            if rows > 0:
                period = max(period, Fraction(length + opened[back] - opened[i], rows))
    return period


def row_bytes_per_slot(spec: DeviceSpec, scope: str, columns: int) -> Fraction:
    """Bandwidth of one pseudo-channel's banks under the limits [byte/slot]."""
    moved = scope_banks(spec, scope) * columns * spec.burst.bytes
    return moved / row_period_slots(spec, scope, columns)
