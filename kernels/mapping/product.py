"""How a matrix product runs on cores that read through the tap: how it is dealt to nodes, and its mapping on each."""

from bankside.kernels.mapping.partition import Product, cheapest, decided
from bankside.kernels.mapping.scene import Scene
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.partition import (
    Deal,
    brought,
    copied_bytes,
    left,
    problem_of,
    spills,
    stays,
    weights_of,
)
from bankside.kernels.plan.tiling import ProductTiling


def decide(scene: Scene, op: MatMul) -> OperatorPlan:
    """The cheapest deal with the mapping that it was judged by."""
    core, bench = scene.core, scene.bench
    lies = scene.places.latest((op.a,), core.name).placement
    products = [Product(*sharer) for sharer in scene.sharers]
    deal = cheapest(bench, products, lies)
    streamed = products[0].streamed(bench, deal, lies)
    problem = problem_of(core, deal, 0, streamed)
    mapping, _ = decided(bench, problem, op.label, scene.pin)
    spilled = spills(core, op, op.batch * op.m * op.n / core.nodes)
    rounds, *trips = mapping.counts(problem)
    return OperatorPlan(
        scene.key,
        core.name,
        scene.home.name,
        deal.split,
        {
            op.a.name: brought(core, deal, lies),
            op.b.name: weights_of(core, deal),
            op.out.name: left(core, deal),
        },
        streamed,
        ProductTiling(mapping, rounds * trips[0] * trips[1] * trips[2]),
        scene.store(op, spilled),
        frozenset({"cores", "tile"}),
        _notes(scene, op, deal),
    )


def _notes(scene: Scene, op: MatMul, deal: Deal) -> tuple[str, ...]:
    core, room = scene.core, scene.bench.room_byte
    found = []
    if core.memory.flash and not stays(core, deal):
        found.append(
            f"{op.label}: its input does not fit core {core.name}; tiles of it are read as if they lay in flash."
        )
    if room is not None and copied_bytes(core, deal) > room:
        found.append(
            f"{op.label}: the copies of its operands at all nodes are more than memory {core.memory.name} has free."
        )
    return tuple(found)
