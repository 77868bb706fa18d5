"""Weights as the units store them that their values decide the work of: bits in memory, and cycles of a round."""

from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.pe.bit_serial.measure import fault
from bankside.arch.pe.unit import Decided, Deciding
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import Format
from bankside.kernels.formats.element import Whole
from bankside.kernels.mapping.mappers import core_for
from bankside.kernels.operands.values import DEFAULT, Integers, Values, sample, whole_numbers
from bankside.kernels.operators import Kernel, Operator, Phase, Tensor

SLOT: Final = "matmul"


def as_stored(kernel: Kernel, machine: Machine) -> tuple[Kernel, list[str]]:
    """The kernel with every weight as the unit stores it that multiplies it, and sentences on what that rests on.

    Raises
    ------
    ConfigError
        When values are none of an operator of the kernel, do not fit its weights or what the unit keeps of them, or
        the unit does not multiply the activations.
    """
    _check_names(kernel)
    notes: dict[str, None] = {}
    phases = []
    for phase in kernel.phases:
        operators = [_stored(kernel, machine, op, notes) for op in phase.operators]
        phases.append(Phase(phase.count, tuple(operators), phase.label))
    return replace(kernel, phases=tuple(phases)), list(notes)


def _check_names(kernel: Kernel) -> None:
    known = {op.label for _, op in kernel.operators() if op.weight_matrix is not None}
    if strange := sorted({values.label for values in kernel.values if values.label} - known):
        there = ", ".join(sorted(known)) or "none"
        raise ConfigError(
            [f"{kernel.name} has no weights of {', '.join(strange)}; its operators with weights are {there}."]
        )


def _stored(kernel: Kernel, machine: Machine, op: Operator, notes: dict[str, None]) -> Operator:
    weights = op.weight_matrix
    if weights is None:
        return op
    core = core_for(machine, op)
    unit, own = core.spec.units.get(SLOT), next((v for v in kernel.values if v.label == op.label), None)
    if not isinstance(unit, Deciding):
        if own is not None:
            notes[f"Core {core.name} takes {op.label} the same time whatever its values are."] = None
        return op
    fmt, bits, depth = weights.format, weights.format.element_bits, weights.row
    if fmt.sparse:
        return op  # it lies as its format says
    kind = "int" if isinstance(fmt.element, Whole) else "float"
    if not unit.holds(kind, bits) or (fmt.conversion is not None and fmt.conversion.per_element):
        notes[
            f"The {unit.unit} unit of core {core.name} stores no {fmt.name}; its vector lanes multiply {op.label}."
        ] = None
        return op
    moving = op.carried[0].format
    if why := unit.refusal(moving.computed, moving.kind, moving.element_bits):
        raise ConfigError([f"Core {core.name} of {machine.name}: its {why}; give a narrower --format."])
    lanes = unit.grain()[2]
    if depth % lanes:
        told = f"groups of {lanes} weights of core {core.name} do not divide the {depth} inputs of {op.label}"
        if own is not None:
            raise ConfigError([f"{own.source}: {told}."])
        notes[f"{told[0].upper()}{told[1:]}, whose weights lie as they are: nothing is skipped."] = None
        return op
    values = own or next((v for v in kernel.values if not v.label), DEFAULT)
    decided = _decided(weights, op.label, unit, values, bits)
    notes[_told(core, unit, values)] = None
    return op.storing(_in_memory(fmt, depth, decided))


def _told(core: Core, unit: Deciding, values: Values) -> str:
    kept = f"stored for its unit: {unit.storing}"
    return f"Weights on core {core.name} are {f'{values.told()}, and {kept}' if unit.reads else kept}."


def _in_memory(fmt: Format, depth: int, decided: Decided) -> Format:
    """The format with the mean bits of its rows, their scales included."""
    scales = int(fmt.bits_of(depth, depth)) - depth * fmt.element_bits
    row = int(np.ceil(decided.element_bit * depth - 1e-9)) + scales
    return replace(fmt, element_bits=0, block=depth, scale_bits=row, row_bits=0, decided=decided)


def _decided(weights: Tensor, label: str, unit: Deciding, values: Values, bits: int) -> Decided:
    depth, outputs = weights.shape[-2:]
    if values.drawn:
        return _of_drawn(unit, values, depth, bits)
    assert values.array is not None
    if values.array.shape != (outputs, depth):
        here = "x".join(map(str, values.array.shape))
        raise ConfigError(
            [f"{values.source} is {here}, and {label} has {outputs} outputs of {depth} inputs."]
        )
    numbers = _numbers(values.array, weights.format)
    faults = [why for why in (fault(numbers, bits), unit.unfit(numbers)) if why]
    if faults:
        raise ConfigError([f"{values.source}, weights of {label}: {why}." for why in faults])
    return unit.decide(numbers, bits, values.digest)


def _numbers(array: Integers, fmt: Format) -> Integers:
    """What is stored of an array; of listed levels only which are zero, as nothing else of them decides."""
    if isinstance(fmt.element, Whole):
        return whole_numbers(array, fmt)
    return np.asarray(array != 0, dtype=np.int8)


@lru_cache(maxsize=256)
def _of_drawn(unit: Deciding, values: Values, depth: int, bits: int) -> Decided:
    rows = unit.grain()[1]
    return unit.decide(sample(values, rows, depth, min(bits, 16)), bits)
