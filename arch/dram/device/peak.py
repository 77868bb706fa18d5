"""Peak bandwidth of one channel at each level that a core may tap, from the device's own timing."""

from fractions import Fraction

from bankside.arch.dram.device.commands import CHANNEL, COMMANDS
from bankside.arch.dram.device.rules import (
    compile_rules,
    level_index,
    mac_beat_slots,
    mac_interval_slots,
    scope_banks,
)
from bankside.arch.dram.device.standard import Standard

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


def limited_bytes_per_s(standard: Standard, level: str) -> float:
    """Bandwidth of one channel at a tap level under the limits in force [byte/s]: inside the die a limit of power sets
    columns further apart."""
    peak = peak_bytes_per_s(standard, level)
    if level not in INSIDE or standard.spec.pim is None:
        return peak
    return peak * mac_beat_slots(standard.spec, level) / mac_interval_slots(standard.spec, level)
