"""Peak bandwidth of one channel at each level that a core may tap, from the device's own timing."""

from fractions import Fraction
from math import prod
from typing import NamedTuple

from bankside.arch.dram.device.commands import CHANNEL, COMMANDS, LEVELS
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.rules import (
    compile_rules,
    level_index,
    limit_of,
    mac_beat_slots,
    mac_interval_slots,
    scope_banks,
)
from bankside.arch.dram.device.sections import PowerLimit
from bankside.arch.dram.device.standard import Standard
from bankside.arch.dram.device.timing import latency_slots

FS_PER_S = 10**15
INSIDE = {"bank": "bank", "bank_pair": "bank_pair", "bank_group": "bank_group"}


def column_interval_slots(standard: Standard, level: str) -> int:
    """Slots between two reads of one node of `level`, from every rule that holds within it.

    `bank_group` gives max(tCCD_L, tCCD_S, burst), an outer level what its own banks share.
    """
    inner = level_index(level)
    found = [
        rule.latency
        for rule in compile_rules(standard.spec)
        if rule.preceding == rule.following == "RD" and not rule.sibling and rule.level >= inner
    ]
    return max([*found, int(standard.packed[0]["burst"])])


def peak_bytes_per_s(standard: Standard, level: str) -> float:
    """Bandwidth of one channel at a tap level [byte/s].

    Inside the die one column of every bank of the scope is read per tCCD_L, or per MAC where the device
    says how often those come: all banks (`bank`), half of them (`bank_pair`), one of each group
    (`bank_group`). At the channel's edge (`vault`) and outwards each pseudo-channel moves one burst per
    max(burst, tCCD_S), as far as the column bus can command it.
    """
    packed = standard.packed[0]
    slot_s = Fraction(standard.slot_fs, 10**15)
    channels = standard.pseudo_channels
    if level in INSIDE:
        interval = mac_beat_slots(standard.spec, level) or column_interval_slots(standard, "bank_group")
        bytes_per_step = scope_banks(standard.spec, level) * channels * standard.burst_bytes
        return float(bytes_per_step / (interval * slot_s))
    interval = column_interval_slots(standard, "pseudo_channel")
    across = [
        rule.latency
        for rule in compile_rules(standard.spec)
        if rule.preceding == rule.following == "RD" and rule.level == CHANNEL and channels > 1
    ]
    bus = max([int(packed["occupancy"][COMMANDS.index("RD")]), *across])
    per_burst = max(Fraction(interval, channels), Fraction(bus))
    return float(standard.burst_bytes / (per_burst * slot_s))


def column_bytes_per_s(standard: Standard, level: str) -> float:
    """Bandwidth of one channel at a tap level with open rows [byte/s]: inside the die a limit of power sets columns
    further apart."""
    peak = peak_bytes_per_s(standard, level)
    if level not in INSIDE or standard.spec.pim is None:
        return peak
    return peak * mac_beat_slots(standard.spec, level) / mac_interval_slots(standard.spec, level)


class Limits(NamedTuple):
    """What a channel cannot read faster than at a tap level: bytes a second of columns, and under limits of
    activations bytes of a row of every bank, with the time for such a row and that of a window [s] of each limit."""

    bytes_per_s: float
    rows_byte: int
    openings: tuple[tuple[float, float], ...]

    def least_s(self, byte: float) -> float:
        """Least time for so many bytes, each once [s]: a window that begins with them lets its activations through at
        once."""
        rows = byte / self.rows_byte
        return max([byte / self.bytes_per_s, *(rows * row_s - window_s for row_s, window_s in self.openings)])


def limits(standard: Standard, level: str) -> Limits:
    """Those in force."""
    opened = openings(standard.spec) if level in INSIDE else []
    times_s = tuple((one.row_s(standard), one.window_s(standard)) for one in opened)
    return Limits(column_bytes_per_s(standard, level), _rows_byte(standard), times_s)


def limited_bytes_per_s(standard: Standard, level: str) -> float:
    """Bandwidth of one channel at a tap level under the limits in force [byte/s]: that of columns, inside the die no
    more than the rows give that limits of activations let be opened."""
    known = limits(standard, level)
    return min([known.bytes_per_s, *(known.rows_byte / row_s for row_s, _ in known.openings)])


def _rows_byte(standard: Standard) -> int:
    """Bytes of a row of every bank of a channel."""
    banks = scope_banks(standard.spec, "bank") * standard.pseudo_channels
    return banks * standard.spec.levels.column * standard.burst_bytes


class Opening(NamedTuple):
    """A limit of activations: slots in which it lets a row be opened in every bank of a node, slots of its window."""

    row: Fraction
    window: Fraction

    def row_s(self, standard: Standard) -> float:
        """Time for a row in every bank [s]."""
        return float(self.row * standard.slot_fs) / FS_PER_S

    def window_s(self, standard: Standard) -> float:
        """Time of the window [s]."""
        return float(self.window * standard.slot_fs) / FS_PER_S


def openings(spec: DeviceSpec) -> list[Opening]:
    """The limits of activations in force for units in the banks.

    So many activations of a node in a window give its banks x window / activations, a spacing banks x spacing.
    """
    if spec.pim is None:
        return []
    limits, found = spec.pim.limits, []
    for line in spec.constraints:
        limit = limit_of(line) if "ACT" in line.preceding and "ACT" in line.following else None
        if limit is not None and getattr(limits, limit):
            slots = Fraction(latency_slots(spec, line.latency))
            found.append(Opening(banks_of(spec, line.level) * slots / line.window, slots))
    if isinstance(limits.power, PowerLimit):
        slots = Fraction(round(limits.power.window * spec.clock * spec.slots_per_ck * 1e6), 10**6)
        found.append(Opening(banks_of(spec, "pseudo_channel") * slots / limits.power.activates, slots))
    return found


def banks_of(spec: DeviceSpec, level: str) -> int:
    """Banks of one node of a level."""
    return prod(getattr(spec.levels, name) for name in LEVELS[: level_index(level)])
