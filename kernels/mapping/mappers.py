"""What mapping does with each kind of operator."""

from dataclasses import replace
from typing import Final

from bankside.arch.machine.machine import Core, Machine
from bankside.kernels.mapping import attention, banks, product, rowwise, state_step
from bankside.kernels.mapping.attending.attenders import attender, attenders
from bankside.kernels.mapping.cores import (
    beside_cache,
    hub_of,
    in_place,
    multipliers,
    nearest_function,
    of_processors,
)
from bankside.kernels.mapping.processors import decide as processors
from bankside.kernels.mapping.scene import Mapper, Scene
from bankside.kernels.mapping.tables import lookup
from bankside.kernels.operators import (
    Attention,
    Collective,
    Lookup,
    MatMul,
    Operator,
    RowWise,
    StateStep,
    Traversal,
)
from bankside.kernels.operators.table import Table
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split


def _product(scene: Scene, op: MatMul) -> OperatorPlan:
    if scene.core.spec.processor:
        return processors.product(scene, op)
    return banks.decide_product(scene, op) if scene.core.in_dram_die else product.decide(scene, op)


def _attention(scene: Scene, op: Attention) -> OperatorPlan:
    if scene.core.spec.processor:
        return processors.attention(scene, op)
    plan = banks.decide_attention(scene, op) if scene.core.in_dram_die else attention.decide(scene, op)
    machine = scene.bench.machine
    if scene.core is machine.primary or machine.primary not in attenders(machine, op):
        return plan
    sentence = f"{op.label}: core {plan.core} computes it, and not {machine.primary.name}, the primary one."
    return replace(plan, notes=(*plan.notes, sentence))


def _function(machine: Machine, op: RowWise) -> Core:
    if not (op.kv_bytes > 0 or op.cached):
        return nearest_function(machine, op.label, op.function)
    inside = _inside(machine, op)
    if inside is not None and op.out.format.name in inside.spec.formats:
        return inside
    return beside_cache(machine, op.label, op.function)


def _inside(machine: Machine, op: RowWise) -> Core | None:
    """The core inside the DRAM die that does a function in place, where all operands and the result rest."""
    rests = op.cached and all(tensor.role == "kv" for tensor in op.inputs)
    return in_place(machine, op.function) if rests else None


def _rowwise(scene: Scene, op: RowWise) -> OperatorPlan:
    if scene.core.spec.processor:
        return processors.rowwise(scene, op)
    if scene.core.in_dram_die:
        return banks.decide_rowwise(scene, op)
    plan, inside = rowwise.decide(scene, op), _inside(scene.bench.machine, op)
    if inside is None:
        return plan
    formats = ", ".join(inside.spec.formats)
    sentence = f"{op.label}: core {inside.name} has no {op.out.format.name}, only {formats}; {plan.core} computes it."
    return replace(plan, notes=(*plan.notes, sentence))


def _sender(machine: Machine, _: Collective) -> Core:
    """The core kind whose nodes send: the primary one, or the hub of one inside the DRAM die."""
    primary = machine.primary
    return hub_of(machine, primary) if primary.in_dram_die else primary


def _exchange(scene: Scene, op: Collective) -> OperatorPlan:
    """Sums and rows lie as what was sent lay; what is gathered comes to every node whole."""
    core = scene.core
    lies = scene.places.latest(op.carried, core.name).placement
    as_sent = op.x.elements == op.out.elements and not lies.in_memory
    after = lies if as_sent else Placement(core.name, copies=core.nodes)
    split = Split(core.nodes, 1, core.nodes, ("rows", "columns"))
    return OperatorPlan(
        scene.key, core.name, scene.home.name, split, {op.x.name: lies} | {op.out.name: after}
    )


MAPPERS: Final[Table[Mapper]] = Table(
    "mapping",
    {
        MatMul: Mapper(lambda machine, op: multipliers(machine, op)[0], _product, able=multipliers),
        Attention: Mapper(attender, _attention, attention.parts_of, attenders),
        RowWise: Mapper(_function, _rowwise),
        Collective: Mapper(_sender, _exchange),
        StateStep: Mapper(
            lambda machine, op: beside_cache(machine, op.label, op.function), state_step.decide
        ),
        Lookup: Mapper(lambda machine, op: beside_cache(machine, op.label, "add", "weights"), lookup.decide),
        Traversal: Mapper(lambda machine, op: of_processors(machine, op.label), processors.traversal),
    },
)


def core_for(machine: Machine, op: Operator) -> Core:
    """The core kind that computes `op`.

    Raises
    ------
    ConfigError
        If no core can.
    """
    return MAPPERS.of(op).core(machine, op)
