"""What every node needs of a product's operands, brought to it before its tiles, and sums brought together after them.

What moves and stays on chip is read first and then sent. What does not fit lands in the memory of the nodes that get
it, written while it arrives; tiles of it are then read as any operand's.
"""

import numpy as np

from bankside.arch.causes import REDUCE
from bankside.arch.machine.machine import Core
from bankside.arch.noc.packet import Pattern
from bankside.kernels.lower.exchange import exchange
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.memory import Tape
from bankside.kernels.lower.turning import unit_of
from bankside.kernels.plan.partition import Deal, stays, streams, wanted_input
from bankside.kernels.plan.placement import Placement, crossing


def bring(low: Lowering, core: Core, deal: Deal, lies: Placement, label: int) -> None:
    """Give every node the input of its products, which lies somewhere: all of it where columns are dealt, else its rows
    or columns; and the weights that it does not own, of which each node reads its share and sends it to all."""
    _bring_input(low, core, deal, lies, label)
    if deal.weight_bytes:
        _send(low, core, deal, label, "all_gather", deal.op.b.bytes / core.nodes, deal.weight_bytes)


def add_up(low: Lowering, core: Core, deal: Deal, label: int) -> None:
    """Add the partial sums of the nodes that share a product's depth; each of them then has the results."""
    parts = deal.split.parts
    if not deal.sum_bytes or parts == 1:
        return
    exchange(low, core, label, "all_reduce", deal.sum_bytes)
    slot, unit = unit_of(core, "add")
    for node in low.groups[core.name]:
        if items := deal.share(node.first)[0]:
            added = items * -(-deal.op.m * deal.op.n * (parts - 1) // parts)
            busiest, whole = (
                np.array([[1], [elements], [2]], dtype=np.int64)
                for elements in (-(-added // core.cores), added)
            )
            cycles = int(unit.cycles(busiest, work="add").interval[0])
            node.tail = [low.builder.fixed(node.units[slot], label, [(REDUCE, cycles)], node.tail)]
            low.count_unit(core, slot, unit.events(whole, work="add"), node.count)


def write_back(low: Lowering, core: Core, deal: Deal, label: int) -> None:
    """Results that every node has are written, an even share by each."""
    for node in low.groups[core.name]:
        tape = Tape(low, core, node, label, write=True)
        node.tail = [*node.tail, *tape.move(deal.op.out.bytes / core.nodes, node.tail)]


def send_home(low: Lowering, core: Core, deal: Deal, label: int) -> None:
    """Keys and values that were made in rows go to the nodes of their heads, where the cache is."""
    if deal.loop == "m" and deal.op.cached:
        exchange(low, core, label, "all_to_all", deal.op.out.bytes / core.nodes**2)


def _bring_input(low: Lowering, core: Core, deal: Deal, lies: Placement, label: int) -> None:
    pattern, share_byte = crossing(lies, wanted_input(core, deal)), deal.op.a.bytes / core.nodes
    resident = stays(core, deal)
    if lies.in_memory and resident and not streams(core, deal, lies):
        _read(low, core, label, share_byte)
    if pattern is None or core.nodes == 1:
        return
    sent_byte = share_byte if pattern == "all_gather" else share_byte / core.nodes
    if resident or core.memory.flash:
        exchange(low, core, label, pattern, sent_byte)
        return
    landed_byte = deal.input_bytes if pattern == "all_gather" else share_byte
    _send(low, core, deal, label, pattern, sent_byte, landed_byte)


def _send(
    low: Lowering, core: Core, deal: Deal, label: int, pattern: Pattern, sent_byte: float, landed_byte: float
) -> None:
    """From the memory of all nodes to that of those with work."""
    _read(low, core, label, sent_byte * (core.nodes if pattern == "all_to_all" else 1))
    begin = [list(node.tail) for node in low.groups[core.name]]
    exchange(low, core, label, pattern, sent_byte)
    for node, tail in zip(low.groups[core.name], begin, strict=True):
        if deal.share(node.first)[0]:
            node.tail = [*node.tail, *Tape(low, core, node, label, write=True).move(landed_byte, tail)]


def _read(low: Lowering, core: Core, label: int, byte: float) -> None:
    for node in low.groups[core.name]:
        node.tail = Tape(low, core, node, label).move(byte, node.tail) or node.tail
