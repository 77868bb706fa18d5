"""Weights as the units store them that their values decide the work of: bits in memory, and cycles of a round."""

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Final

import numpy as np

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.pe.bit_serial.measure import fault
from bankside.arch.pe.product import MATRIX, SLOTS
from bankside.arch.pe.unit import Decided, Deciding, Moving
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS, Format
from bankside.kernels.formats.element import Whole
from bankside.kernels.mapping.mappers import core_for
from bankside.kernels.operands.distributions import draw
from bankside.kernels.operands.values import DEFAULT, Integers, Values, sample, whole_numbers
from bankside.kernels.operators import Kernel, Operator, Phase, Tensor
from bankside.kernels.sparsity.known import encoding

MOVING_SEED: Final = 1
MOST_DRAWN_BITS: Final = 16

SHARE_ERROR: Final = 0.005
"""Between the share of zeros of a file and that of a format's name, which has whole percents mostly."""


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
    taken: set[str] = set()
    phases = []
    for phase in kernel.phases:
        operators = [_stored(kernel, machine, op, notes, taken) for op in phase.operators]
        phases.append(Phase(phase.count, tuple(operators), phase.label))
    for values in kernel.values:
        if values.label not in taken:
            of = values.label or "all weights that are not named"
            notes[
                f"{machine.name} takes {of} the same time whatever the values are; {values.source} is not used."
            ] = None
    return replace(kernel, phases=tuple(phases)), list(notes)


def _check_names(kernel: Kernel) -> None:
    known = {op.label for _, op in kernel.operators() if op.weight_matrix is not None}
    if strange := sorted({values.label for values in kernel.values if values.label} - known):
        there = ", ".join(sorted(known)) or "none"
        raise ConfigError(
            [f"{kernel.name} has no weights of {', '.join(strange)}; its operators with weights are {there}."]
        )


def _stored(
    kernel: Kernel, machine: Machine, op: Operator, notes: dict[str, None], taken: set[str]
) -> Operator:
    """An operator with its weights as they are stored; tells whose values decided in `taken`."""
    weights = op.weight_matrix
    if weights is None:
        return op
    core = core_for(machine, op)
    unit, own = (
        core.spec.units.get(SLOTS[MATRIX]),
        next((v for v in kernel.values if v.label == op.label), None),
    )
    fmt, depth = weights.format, weights.row
    if not isinstance(unit, Deciding) or (fmt.encoding and fmt.computed not in unit.skipped):
        if own is not None and fmt.encoding:
            taken.add(own.label)
            return op.storing(_encoded(weights, op.label, own))
        return op
    if fmt.sparse and not fmt.encoding:
        return op  # it lies as its format says
    kind, bits = "int" if isinstance(fmt.element, Whole) else "float", _element_bits(fmt)
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
        if own is not None or fmt.encoding:
            raise ConfigError([f"{own.source if own else fmt.name}: {told}."])
        notes[f"{told[0].upper()}{told[1:]}, whose weights lie as they are: nothing is skipped."] = None
        return op
    values = own or next((v for v in kernel.values if not v.label), DEFAULT)
    if unit.reads:
        taken.add(values.label)
    decided = _decided(weights, op.label, unit, values, moving.element_bits)
    notes[_told(core, unit, values, fmt)] = None
    return op.storing(_in_memory(fmt, depth, decided))


def _element_bits(fmt: Format) -> int:
    """Bits of an element that is kept, without scales."""
    return FORMATS[fmt.dense].element_bits if fmt.encoding else fmt.element_bits


def _told(core: Core, unit: Deciding, values: Values, fmt: Format) -> str:
    kept = f"stored for its unit: {unit.storing}"
    if not unit.reads:
        return f"Weights on core {core.name} are {kept}."
    share = f", {float(fmt.density):.3g} of them kept" if fmt.encoding and values.drawn else ""
    beside = f"; activations are drawn ({unit.asks}, seed {MOVING_SEED})" if unit.asks else ""
    return f"Weights on core {core.name} are {values.told()}{share}, and {kept}{beside}."


def _in_memory(fmt: Format, depth: int, decided: Decided) -> Format:
    """The format with the mean bits of its rows, their scales included."""
    dense = FORMATS[fmt.dense] if fmt.encoding else fmt
    scales = int(dense.bits_of(depth, depth)) - depth * dense.element_bits
    row = int(np.ceil(decided.element_bit * depth - 1e-9)) + scales
    plain = replace(fmt, encoding="", dense="", density=Fraction(1))
    return replace(plain, element_bits=0, block=depth, scale_bits=row, row_bits=0, decided=decided)


def _decided(weights: Tensor, label: str, unit: Deciding, values: Values, moving_bits: int) -> Decided:
    depth, fmt = weights.row, weights.format
    bits, beside = _element_bits(fmt), (min(moving_bits, MOST_DRAWN_BITS), moving_bits)
    if values.drawn:
        return _of_drawn(unit, values, depth, (bits, *beside), float(fmt.density))
    numbers = _read(weights, label, values)
    faults = [why for why in (fault(numbers, bits), unit.unfit(numbers)) if why]
    if faults:
        raise ConfigError([f"{values.source}, weights of {label}: {why}." for why in faults])
    return unit.decide(numbers, bits, values.digest, _moving(unit, depth, *beside))


def _read(weights: Tensor, label: str, values: Values) -> Integers:
    """What is stored of a file, whose size and share of zeros are those of the weights."""
    depth, outputs = weights.shape[-2:]
    assert values.array is not None
    if values.array.shape != (outputs, depth):
        here = "x".join(map(str, values.array.shape))
        raise ConfigError(
            [f"{values.source} is {here}, and {label} has {outputs} outputs of {depth} inputs."]
        )
    fmt = weights.format
    numbers = _numbers(values.array, fmt)
    kept = float(np.count_nonzero(numbers) / numbers.size)
    if fmt.encoding and abs(kept - fmt.density) > SHARE_ERROR:
        told = f"{kept:.2%} of its values are not zero, and {fmt.name} keeps {float(fmt.density):.2%}"
        raise ConfigError([f"{values.source}, weights of {label}: {told}."])
    return numbers


def _encoded(weights: Tensor, label: str, values: Values) -> Format:
    """The format with the bits of the rows of a file."""
    fmt, depth = weights.format, weights.row
    dense, kept = FORMATS[fmt.dense], _read(weights, label, values) != 0
    scales = int(dense.bits_of(depth, depth)) - depth * dense.element_bits
    bits = dense.element_bits
    whole = encoding(fmt.encoding).metadata_bits(kept, bits) + int(kept.sum()) * bits
    return replace(fmt, scale_bits=-(-whole // len(kept)) + scales)


def _numbers(array: Integers, fmt: Format) -> Integers:
    """What is stored of an array; of listed levels only which are zero, as nothing else of them decides."""
    if isinstance(fmt.element, Whole):
        return whole_numbers(array, FORMATS[fmt.dense] if fmt.encoding else fmt)
    return np.asarray(array != 0, dtype=np.int8)


@lru_cache(maxsize=256)
def _of_drawn(
    unit: Deciding, values: Values, depth: int, bits: tuple[int, int, int], density: float
) -> Decided:
    drawn = sample(values, unit.grain()[1], depth, min(bits[0], MOST_DRAWN_BITS))
    if density < 1:
        drawn[np.random.default_rng((values.seed, 1)).random(drawn.shape) >= density] = 0
    return unit.decide(drawn, bits[0], moving=_moving(unit, depth, *bits[1:]))


def _moving(unit: Deciding, depth: int, drawn_bits: int, bits: int) -> Moving:
    """Vectors that a unit takes side by side, where it asks for them."""
    if not unit.asks:
        return Moving(bits)
    return Moving(drawn_bits, draw(unit.asks, (unit.grain()[0], depth), drawn_bits, MOVING_SEED))
