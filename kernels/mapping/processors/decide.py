"""Plans of operators on processors in the banks: their deals, and where their tensors lie."""

from collections.abc import Callable
from typing import TypeVar

from bankside.arch.spec import ConfigError
from bankside.kernels.lower.processors.emit import elementwise, traverse
from bankside.kernels.lower.processors.offload import Elapsed, Offloaded
from bankside.kernels.mapping.processors.dealing import deal_product, deal_vector, processor_of
from bankside.kernels.mapping.scene import Scene
from bankside.kernels.operators import Attention, MatMul, Operator, RowWise, Traversal
from bankside.kernels.operators.traversal import TRANSFERS
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.partition import whole
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.processor_tiling import Dealt, ProcessorTiling
from bankside.kernels.plan.split import Split

Vectorial = TypeVar("Vectorial", RowWise, Traversal)

BUFFERS = {"sum": 1, "prefix_sum": 2, "select": 2, "unique": 2, "histogram": 1}
"""Blocks that a tasklet has in the scratchpad, by function."""

COMPARES = ("select", "unique", "histogram")
"""Functions that decide of elements."""


def product(scene: Scene, op: MatMul) -> OperatorPlan:
    """Products, then outputs, then their depth."""
    _fits(scene, op, 2)
    items = op.batch // op.shared_b
    shape = (items, op.m * op.shared_b, op.n, op.k)
    formats = op.a.format, op.b.format, op.out.format
    deal = deal_product(scene.core, scene.home, shape, formats, op.out.bytes if op.cached else 0.0)
    written = {op.out.name} if op.cached and scene.keeps else set()
    return _plan(scene, op, (deal,), (op.b.name,), written)


def attention(scene: Scene, op: Attention) -> OperatorPlan:
    """Tokens of each head to processors, which have its keys and its values; the softmax is at the host.

    Raises
    ------
    ConfigError
        If the host has no unit for it.
    """
    _fits(scene, op, 2)
    if not scene.home.spec.can("softmax"):
        raise ConfigError([f"{op.label}: no core outside the banks has a nonlinear unit for the softmax."])
    items = op.sequences * op.kv_heads
    rows = op.group * op.queries
    tokens = max(1, -(-op.score_elements // (items * rows)))
    formats = (op.q.format, op.k.format, op.q.format)
    scores = deal_product(scene.core, scene.home, (items, rows, tokens, op.d_qk), formats)
    together = max(1, scores.processors // items)
    over = max(1, min(tokens, together))
    own = -(-tokens // over)
    deals = (
        Dealt(min(scores.processors, items * over), scores.items, own, op.d_qk),
        Dealt(min(scores.processors, items * over), scores.items, op.d_v, own, over),
    )
    return _plan(scene, op, deals, (op.k.name, op.v.name), set())


def rowwise(scene: Scene, op: RowWise) -> OperatorPlan:
    """Elements where they lie; results take the place of an operand in the scratchpad."""
    _fits(scene, op, op.operands)
    deal = deal_vector(scene.core, op.elements, lambda deal: _elapsed(scene, elementwise, op, deal))
    names = tuple(tensor.name for tensor in (*op.inputs, *op.outputs))
    return _plan(scene, op, (deal,), names, set())


def traversal(scene: Scene, op: Traversal) -> OperatorPlan:
    """Elements of a vector that rests to processors; a transfer reaches all of them."""
    count = scene.core.count
    if op.function in TRANSFERS:
        deal = Dealt(min(count, op.elements), 1, -(-op.elements // count))
        if op.function == "broadcast":
            deal = Dealt(count, 1, op.elements)
    else:
        _computes(scene, op)
        _fits(scene, op, BUFFERS[op.function], round(op.out.bytes) if op.function == "histogram" else 0)
        deal = deal_vector(scene.core, op.elements, lambda deal: _elapsed(scene, traverse, op, deal))
    resting = tuple(tensor.name for tensor in (op.source, op.out) if tensor.role == "kv")
    return _plan(scene, op, (deal,), resting, set())


def _elapsed(
    scene: Scene, steps: Callable[[Offloaded, Vectorial, Dealt], None], op: Vectorial, deal: Dealt
) -> Elapsed:
    """The times of a deal, by the steps that run."""
    elapsed = Elapsed(scene.core, scene.home)
    steps(elapsed, op, deal)
    return elapsed


def _computes(scene: Scene, op: Traversal) -> None:
    """Refuse elements that instructions say nothing of.

    Raises
    ------
    ConfigError
        If there are none for the format, or a function decides of floating-point elements.
    """
    unit, _ = processor_of(scene.core)
    name, told = op.source.format.computed, ""
    if name not in unit.instructions:
        told = f"it has instructions for {', '.join(unit.instructions)} alone, not for {name}."
    elif op.function in COMPARES and op.source.format.kind == "float":
        told = f"its instructions compare whole numbers, and {name} is none."
    if told:
        raise ConfigError([f"{op.label} {op.function} on {scene.core.name}: {told}"])


def _fits(scene: Scene, op: Operator, buffers: int, shared_byte: int = 0) -> None:
    """Refuse blocks of all tasklets, and what these share, that the scratchpad does not hold.

    Raises
    ------
    ConfigError
        With the sizes.
    """
    unit, _ = processor_of(scene.core)
    room = scene.core.spec.sram.size if scene.core.spec.sram else 0
    need = unit.tasklets * buffers * unit.block + shared_byte
    if need > room:
        held = f"{unit.tasklets} tasklets of {buffers} blocks of {unit.block} B"
        held += f" and {shared_byte} B that they share" if shared_byte else ""
        told = f"a scratchpad of {room} B on {scene.core.name}: fewer tasklets or smaller blocks fit."
        raise ConfigError([f"{op.label}: {held} take {need} B of {told}"])


def _plan(
    scene: Scene, op: Operator, deals: tuple[Dealt, ...], resting: tuple[str, ...], written: set[str]
) -> OperatorPlan:
    """What rests is dealt to the channels; results come to the host."""
    core = scene.core
    split = Split(core.nodes, 1, core.nodes, ("channels", "channels"))
    lying = dict.fromkeys(resting, Placement(core.name, (("channels", core.nodes),), core.memory.name))
    waiting = {
        tensor.name: scene.places.latest((tensor,), scene.home.name).placement for tensor in op.carried
    }
    made = {tensor.name: whole(scene.home) for tensor in op.outputs}
    return OperatorPlan(
        scene.key, core.name, scene.home.name, split, waiting | made | lying, frozenset(lying) | written,
        ProcessorTiling(deals), scene.store(op),
    )  # fmt: skip
