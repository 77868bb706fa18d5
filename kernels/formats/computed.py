"""What a core does with a format that it does not multiply, and to results in a format that it has to make."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, NamedTuple

from bankside.kernels.formats.element import Levels, Whole
from bankside.kernels.formats.encoded import steps
from bankside.kernels.formats.format import Conversion, Format
from bankside.kernels.formats.known import FLOATS, FORMATS

UNPACK: Final = 1
"""Operations that take an element out of its byte, look its value up, or put it to its place among zeros: a shift and
mask in one (assumed; GPU kernels take 11 for eight, Kim et al., "Who Says Elephants Can't Run", 2022, recalled)."""

SCALE: Final = 1
"""Operations that convert an element, multiply it by its scale and add its zero point: one fused (assumed)."""

EXTREME: Final = 1
"""Operations that compare an element with the largest magnitude of its block, or with the least value (assumed)."""

ERROR: Final = 2
"""Operations that add the square of an element's error to its block's, where lists of levels compete (assumed)."""


class Taken(NamedTuple):
    """How a core takes the formats of an operator: of what moves past a stationary operand, of that, of what functions
    of elements read, and of results."""

    moving: Callable[[Format], Format]
    stationary: Callable[[Format], Format]
    read: Callable[[Format], Format]
    written: Callable[[Format], Format]


def computed_as(
    format: Format, own: Sequence[str], preferred: str = "", skipped: Collection[str] = ()
) -> Format | None:
    """`format` as a core multiplies it whose formats are `own`; None where it cannot.

    It has the format; or it has one of the same width and neither has scales, which then stands for it; or it has
    that of the elements, whose sums are scaled block by block; or its vector lanes convert every element into a
    wider one, the `preferred` one if it can be. Sparse ones are multiplied as they are stored where the core skips the
    zeros of such (`skipped`); else the lanes put every element to its place.
    """
    if format.name in own or format.name in skipped:
        return format
    if format.sparse:
        return _filled(format, computed_as(FORMATS[format.dense], own, preferred), skipped)
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


def read_as(format: Format, own: Sequence[str], preferred: str) -> Format:
    """`format` as functions of elements read it: plain numbers as they are, others in the core's first format."""
    if format.name in own or not (format.scaled or format.sparse):
        return format
    to = preferred if preferred in own else own[0]
    return replace(format, conversion=Conversion(to, per_element=operations(format)))


def written_as(format: Format, own: Sequence[str]) -> Format:
    """`format` as results are written in it: rounded where they are made, or scaled and packed by lanes."""
    if format.name in own or not (format.scaled or format.sparse):
        return format
    return replace(format, conversion=Conversion(format.name, per_element=packing(format)))


def operations(format: Format) -> int:
    """Operations of vector lanes that turn an element into a number of a plain format."""
    element = format.element
    if isinstance(element, Whole) and element.magnitude:
        return element.bits + SCALE  # a bit of each plane is put to the others
    packed = format.element_bits % 8 != 0 or isinstance(element, Levels)
    return UNPACK * (packed + format.sparse) + SCALE


def packing(format: Format) -> int:
    """Operations of vector lanes that turn a number into an element: its block's extremes, its scale, its code, its
    place in a byte; the nearest of listed levels is found by halving, in every list."""
    element = format.element
    extremes = EXTREME * (1 + (isinstance(element, Whole) and not element.symmetric))
    if isinstance(element, Levels):
        halvings = (len(element.lists[0]) - 1).bit_length()
        tries = len(element.lists)
        return extremes + tries * (SCALE + halvings + ERROR * (tries > 1)) + UNPACK
    if isinstance(element, Whole) and element.magnitude:
        return extremes + element.bits + SCALE
    ranks = EXTREME * format.keep[1] if format.sparse else 0  # each is compared with all of its group
    return extremes + ranks + SCALE + UNPACK * (format.element_bits % 8 != 0)


def _filled(format: Format, dense: Format | None, skipped: Collection[str]) -> Format | None:
    """A sparse format as it is multiplied whose elements, were all stored, would be as `dense`."""
    if dense is None:
        return None
    if format.encoding:
        return _placed(format, dense, skipped)
    how, keep = dense.conversion, "{}:{}".format(*format.keep)
    indexed = format.name.endswith(keep)
    if indexed and f"{dense.computed}_{keep}" in skipped and not (how and how.per_element):
        per_pair = how.per_pair if how else Fraction(0)
        return replace(format, conversion=Conversion(f"{dense.computed}_{keep}", per_pair=per_pair))
    before = how.per_element if how else 0
    per_pair = how.per_pair if how else Fraction(0)
    return replace(format, conversion=Conversion(dense.computed, before + UNPACK, per_pair))


def _placed(format: Format, dense: Format, skipped: Collection[str]) -> Format:
    """Where any elements may be zero: an operation for each item of the encoding, and those of its value."""
    each, per_pair = (dense.conversion or Conversion("")).per_element, Fraction(0)
    if dense.conversion is not None:
        per_pair = dense.conversion.per_pair
    read = f"{dense.computed}_{format.encoding}"
    if read in skipped and not each:
        return replace(format, conversion=Conversion(read, per_pair=per_pair))
    operations = steps(format.encoding, format.density) * UNPACK + format.density * each
    return replace(format, conversion=Conversion(dense.computed, operations, per_pair))


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
