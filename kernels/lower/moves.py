"""A tensor on its way from where it lies to where it is used, at the nodes of one core kind."""

from bankside.arch.machine.machine import Core
from bankside.kernels.lower.exchange import exchange
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.memory import Tape
from bankside.kernels.operators import Tensor
from bankside.kernels.plan.placement import Placement, crossing


def bring_tensor(low: Lowering, core: Core, tensor: Tensor, wanted: Placement, label: int) -> None:
    """Read what rests in memory, an even share by each node; then exchange what has to lie otherwise."""
    lies, share_byte = low.places.latest((tensor,), core.name).placement, tensor.bytes / core.nodes
    if lies.in_memory:
        for node in low.groups[core.name]:
            node.tail = [*node.tail, *Tape(low, core, node, label).move(share_byte, node.tail)]
    pattern = crossing(lies, wanted)
    if pattern is not None:
        exchange(
            low, core, label, pattern, share_byte if pattern == "all_gather" else share_byte / core.nodes
        )


def leave(low: Lowering, core: Core, node: NodeClass, label: int, byte: float) -> None:
    """Write a node's share of a result, so many bytes, to its memory."""
    node.tail = Tape(low, core, node, label, write=True).move(byte, node.tail) or node.tail
