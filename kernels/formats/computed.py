"""What a core does with a format that it does not multiply."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from bankside.kernels.formats.element import Levels, Whole
from bankside.kernels.formats.format import Conversion, Format
from bankside.kernels.formats.known import FLOATS, FORMATS

UNPACK: Final = 1
"""Operations that take an element out of its byte, or look its value up: a shift and mask in one (assumed; GPU kernels
take 11 for eight, Kim et al., "Who Says Elephants Can't Run", 2022, recalled)."""

SCALE: Final = 1
"""Operations that convert an element, multiply it by its scale and add its zero point: one fused (assumed)."""


def computed_as(format: Format, own: Sequence[str], preferred: str = "") -> Format | None:
    """`format` as a core multiplies it whose formats are `own`; None where it cannot.

    It has the format; or it has one of the same width and neither has scales, which then stands for it; or it has
    that of the elements, whose sums are scaled block by block; or its vector lanes convert every element into a
    wider one, the `preferred` one if it can be.
    """
    if format.name in own:
        return format
    if not format.scaled:
        for name in own:
            if name in FORMATS and not FORMATS[name].scaled and FORMATS[name].bits == format.bits:
                return FORMATS[name]
    if (plain := _multiplied(format)) in own:
        return replace(format, conversion=Conversion(plain, per_pair=_scalings(format)))
    wider = [name for name in own if name in FORMATS and _holds(FORMATS[name], format)]
    if not wider:
        return None
    to = preferred if preferred in wider else wider[0]
    return replace(format, conversion=Conversion(to, per_element=operations(format)))


def operations(format: Format) -> int:
    """Operations of vector lanes that turn an element into a number of a plain format."""
    element = format.element
    if isinstance(element, Whole) and element.magnitude:
        return element.bits + SCALE  # a bit of each plane is put to the others
    packed = format.element_bits % 8 != 0 or isinstance(element, Levels)
    return UNPACK * packed + SCALE


def _multiplied(format: Format) -> str:
    """The plain format of its elements; "" where there is none."""
    element = format.element
    if isinstance(element, Whole):
        return "" if element.magnitude else f"int{element.bits}"
    return next((name for name, plain in FLOATS.items() if plain == element), "")


def _scalings(format: Format) -> Fraction:
    """Operations for each pair: a sum is scaled once a block; with a zero point that times the other sum is added."""
    if not format.scaled or not format.block:
        return Fraction(0)
    zero = isinstance(format.element, Whole) and not format.element.symmetric
    return Fraction(1 + zero, format.block)


def _holds(plain: Format, format: Format) -> bool:
    """Whether numbers of a format of elements fit a plain one: a wider one, floating-point for floating-point."""
    if plain.scaled or plain.element_bits <= format.element_bits:
        return False
    return plain.kind == "float" or (format.kind == "int" and not isinstance(format.element, Levels))
