"""Most bytes a second that the parts of a machine can move."""

from collections.abc import Collection, Mapping
from typing import Final

from bankside.arch.dram.device.peak import column_bytes_per_s, limits
from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.once import once
from bankside.arch.machine.spec import LEVELS, OFF_STACK
from bankside.arch.noc.packet import link_count

PORTS: Final = 2  # every scratchpad bank reads and writes in the same clock


def peak_bytes_per_s(core: Core) -> float:
    """Peak bandwidth of all channels at the core's tap, rows being open [B/s]; links beyond the vault edge can only
    lower it, and limits of activations what is read once (`least_s`)."""
    standard, channels = core.memory.standard, core.nodes * core.channels
    if standard is None:
        return channels * core.memory.channel_peak(core.level)
    return once(core, "peak", lambda: channels * column_bytes_per_s(standard, core.level))


def least_s(core: Core, byte: int) -> float:
    """Least time in which so many bytes, each once, pass the core's tap on all channels together [s]."""
    standard, channels = core.memory.standard, core.nodes * core.channels
    if standard is None:
        return byte / peak_bytes_per_s(core)
    known = once(core, "limits", lambda: limits(standard, core.level))
    return max(0.0, known.least_s(byte / channels))


def taps_bytes_per_s(machine: Machine, at: Core, memories: Collection[str]) -> float:
    """Peak bandwidth of some memories together [B/s], each at the tap of core `at` or its innermost one."""
    taps: dict[str, Core] = {}
    for core in sorted(machine.cores.values(), key=lambda c: (c is not at, LEVELS.index(c.level))):
        taps.setdefault(core.memory.name, core)
    return sum(peak_bytes_per_s(core) for name, core in taps.items() if name in memories)


def sram_bytes_per_s(core: Core) -> float:
    """Every bank of the scratchpads of a core kind reading and writing [B/s]; 0 without scratchpads."""
    return PORTS * core.nodes * core.fill_bytes_per_s if core.spec.sram else 0.0


def network_bytes_per_s(machine: Machine) -> Mapping[str, float]:
    """All links of a kind together, each direction its own, as traffic is bytes times links [B/s]."""
    return once(machine, "network peaks", lambda: _network_bytes_per_s(machine))


def _network_bytes_per_s(machine: Machine) -> dict[str, float]:
    peaks = {"noc": 0.0, "link": 0.0}
    nodes, stacks = machine.primary.nodes, machine.primary.memory.stacks
    meet, _ = machine.network(machine.primary.level)
    for entry in machine.levels:
        if entry.network is None:
            continue
        off_stack = entry.level in OFF_STACK
        if entry.network.topology == "bus":
            count = machine.packages
        elif off_stack:
            count = link_count(entry.network, nodes if meet in OFF_STACK else stacks)
        else:
            count = stacks * link_count(entry.network, -(-nodes // stacks))
        peaks["link" if off_stack else "noc"] += entry.network.link.bytes_per_s * count
    return peaks
