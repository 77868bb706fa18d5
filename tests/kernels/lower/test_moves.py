"""A tensor on its way: read where it rests, exchanged where it lies otherwise, untouched where it is."""

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.noc.packet import Pattern, cost
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.moves import bring_tensor
from bankside.kernels.mapping.trial import alone
from bankside.kernels.operators import Tensor
from bankside.kernels.plan.placement import Placement

MACHINE = load_machine("hybrid-3d")
CORE, NODES = MACHINE.primary, MACHINE.primary.nodes
X = Tensor("x", (256, 512), FORMATS["bf16"])
MEMORY = Placement(CORE.name, (("rows", NODES),), CORE.memory.name)
ROWS, HEADS = (Placement(CORE.name, ((axis, NODES),)) for axis in ("rows", "heads"))
WHOLE = Placement(CORE.name, copies=NODES)


@pytest.mark.parametrize(
    ("lies", "wanted", "pattern", "each", "read"),
    [
        (MEMORY, ROWS, None, 0, X.bytes),
        (MEMORY, HEADS, "all_to_all", X.bytes / NODES**2, X.bytes),
        (ROWS, WHOLE, "all_gather", X.bytes / NODES, 0),
        (HEADS, HEADS, None, 0, 0),
        (WHOLE, HEADS, None, 0, 0),
    ],
)
def test_what_moves_is_the_difference(
    lies: Placement, wanted: Placement, pattern: Pattern | None, each: float, read: int
) -> None:
    low = alone(MACHINE, CORE)
    low.places.put(X, lies)
    bring_tensor(low, CORE, X, wanted, low.builder.label("x"))
    _, network = MACHINE.network(CORE.level)
    assert network is not None
    moved = 0 if pattern is None else round(cost(network, pattern, NODES, each).byte_hops)
    assert low.net_bytes["noc"] == moved
    assert low.traffic["useful"] == read
