"""What mapping does with each kind of operator."""

from dataclasses import replace
from typing import Final

from bankside.arch.machine.machine import Core, Machine
from bankside.kernels.mapping import attention, banks, product, rowwise, state_step
from bankside.kernels.mapping.cores import (
    beside_cache,
    beside_data,
    in_place,
    nearest_function,
    of_processors,
)
from bankside.kernels.mapping.processors import decide as processors
from bankside.kernels.mapping.scene import Mapper, Scene
from bankside.kernels.operators import Attention, MatMul, Operator, RowWise, StateStep, Traversal
from bankside.kernels.operators.table import Table
from bankside.kernels.plan.operator_plan import OperatorPlan


def _product(scene: Scene, op: MatMul) -> OperatorPlan:
    if scene.core.spec.processor:
        return processors.product(scene, op)
    return banks.decide_product(scene, op) if scene.core.in_dram_die else product.decide(scene, op)


def _attention(scene: Scene, op: Attention) -> OperatorPlan:
    if scene.core.spec.processor:
        return processors.attention(scene, op)
    return banks.decide_attention(scene, op) if scene.core.in_dram_die else attention.decide(scene, op)


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


MAPPERS: Final[Table[Mapper]] = Table(
    "mapping",
    {
        MatMul: Mapper(lambda machine, op: beside_data(machine, op.label, op.b.role), _product),
        Attention: Mapper(
            lambda machine, op: beside_data(machine, op.label, op.k.role), _attention, attention.parts_of
        ),
        RowWise: Mapper(_function, _rowwise),
        StateStep: Mapper(
            lambda machine, op: beside_cache(machine, op.label, op.function), state_step.decide
        ),
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
