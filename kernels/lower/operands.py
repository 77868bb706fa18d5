"""What every node needs of a product's operands, brought to it before its tiles.

What moves and stays on chip is read first and then sent. What does not fit lands in the memory of the nodes that get
it, written while it arrives; tiles of it are then read as any operand's.
"""

from bankside.arch.machine.machine import Core
from bankside.arch.noc.packet import Pattern
from bankside.kernels.lower.exchange import exchange
from bankside.kernels.lower.lowering import Layout, Lowering
from bankside.kernels.lower.memory import Tape
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.partition import Deal, on_chip_bytes, stays


def spills(core: Core, op: MatMul, results: float) -> bool:
    """Whether the results of a node are more than it keeps on chip [elements]."""
    return results * op.out_format.bits / 8 > on_chip_bytes(core)


def streams(core: Core, deal: Deal, layout: Layout) -> bool:
    """Whether tiles of the input are read at the tap: it does not fit on chip, or lies in memory where it is used."""
    return not stays(core, deal) or (deal.loop == "m" and layout == "memory")


def travels(deal: Deal, layout: Layout) -> Pattern | None:
    """How an input that lies as `layout` says comes to the nodes that use it; None where it is there."""
    if layout == "full":
        return None
    if deal.loop == "n":
        return "all_gather"
    there = {"batch": ("memory", "products"), "m": ("memory", "rows") if deal.op.batch == 1 else ("memory",)}
    return None if layout in there[deal.loop] else "all_to_all"


def held(deal: Deal, layout: Layout) -> Layout:
    """How the input lies once it was brought."""
    if deal.loop == "n" or layout == "full":
        return "full"
    if deal.loop == "batch":
        return "products"
    return layout if travels(deal, layout) is None else left(deal)


def left(deal: Deal) -> Layout:
    """How the results lie: what is dealt by columns, or by rows of several products, the next has to deal anew."""
    if deal.loop == "batch":
        return "products"
    return "rows" if deal.loop == "m" and deal.op.batch == 1 else "split"


def bring(low: Lowering, core: Core, deal: Deal, label: int) -> None:
    """Give every node the input of its products, all of it where columns are dealt, else its rows; and the weights
    that it does not own, of which each node reads its share and sends it to all."""
    _bring_input(low, core, deal, label)
    if deal.weight_bytes:
        _send(low, core, deal, label, "all_gather", deal.op.b_bytes / core.nodes, deal.weight_bytes)


def send_home(low: Lowering, core: Core, deal: Deal, label: int) -> None:
    """Keys and values that were made in rows go to the nodes of their heads, where the cache is."""
    if deal.loop == "m" and deal.op.cached:
        exchange(low, core, label, "all_to_all", deal.op.out_bytes / core.nodes**2)


def _bring_input(low: Lowering, core: Core, deal: Deal, label: int) -> None:
    pattern, share_byte = travels(deal, low.layout), deal.op.a_bytes / core.nodes
    resident = stays(core, deal)
    if low.layout == "memory" and resident and not streams(core, deal, low.layout):
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
