"""What a transfer between the channels and a node passes: links that others may use at the same time, and latency."""

from bankside.arch.causes import DRAM_DATA, LINK_LATENCY, SRAM_BANDWIDTH
from bankside.arch.engine.program import LONGEST_FS
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.machine.path import WayLink, way, way_links
from bankside.kernels.lower.link import Link, Way
from bankside.kernels.lower.lowering import Lowering, NodeClass

PERIOD_ERROR = 1e-6  # of a clock period, which is a whole number of femtoseconds


def stripe_bytes(core: Core) -> int:
    """Bytes of one burst on every channel of a node."""
    return core.channels * core.memory.burst_bytes


def way_of(low: Lowering, core: Core, node: NodeClass) -> Way:
    """What a transfer passes after its channels: links narrower than they are, or the scratchpads' ports; latency."""
    if node.way is None:
        stages = [_serial(low, core, node), _latency(low, core, node)]
        node.way = tuple(stage for stage in stages if stage)
    return node.way


def way_of_blocks(low: Lowering, core: Core, node: NodeClass) -> Way:
    """The same for panels of thread blocks: bursts of many of them in turn do not fill the channels."""
    stated = core.spec.blocks
    if stated is None or stated.reach == 1 or core.memory.channelled is None:
        return way_of(low, core, node)
    fs = FS_PER_S / (stated.reach * core.channels * core.memory.channel_peak("vault"))
    panels = Link(low.panel_unit(node), cause=DRAM_DATA, fs_per_byte=fs, most_byte=int(LONGEST_FS / fs))
    return ((panels,), *way_of(low, core, node))


def _serial(low: Lowering, core: Core, node: NodeClass) -> tuple[Link, ...]:
    """Every link that is narrower than what comes over it; the ports where they are the narrowest of all."""
    if core.memory.channelled is None:
        return ()
    served = core.channels * core.memory.channel_peak("vault")
    narrow = [
        link for link in way_links(low.machine, core) if _rate(core, link) < served * (1 - PERIOD_ERROR)
    ]
    found = [link for each in narrow for link in _segments(low, core, node, each)]
    ports, (rate, _) = core.fill_bytes_per_s, way(low.machine, core)
    if ports < min(rate, served):
        fs = FS_PER_S / ports
        most = int(LONGEST_FS / fs)
        found.append(Link(low.port_unit(node), cause=SRAM_BANDWIDTH, fs_per_byte=fs, most_byte=most))
    return tuple(found)


def _rate(core: Core, link: WayLink) -> float:
    return link.network.link.bytes_per_s * (link.instances / core.nodes)


def _segments(low: Lowering, core: Core, node: NodeClass, link: WayLink) -> list[Link]:
    """The links of one level that the nodes of a class take, one of each class of alike ones."""
    unit, carrier = low.way_unit(link)
    each = core.memory.channels // link.instances
    first, end = node.first * core.channels, (node.first + node.count) * core.channels
    share = core.nodes / link.instances
    return [
        Link(unit, row=carrier.way(number), share=share, most_byte=carrier.most_byte)
        for number, low_end, high in low.segments(link)
        if low_end * each < end and high * each > first
    ]


def _latency(low: Lowering, core: Core, node: NodeClass) -> tuple[Link, ...]:
    _, latency_s = way(low.machine, core)
    if latency_s == 0:
        return ()
    return (Link(node.path_delay, cause=LINK_LATENCY, fs=round(latency_s * FS_PER_S)),)
