"""A number format: bits per element with the scales, and the rule by which values become codes."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from bankside.kernels.formats.element import Element

if TYPE_CHECKING:
    from bankside.arch.pe.unit import Decided

ROW: Final = 0
"""As `block` of a format: all elements of a row share a scale."""

Scale: TypeAlias = Literal["none", "fp16", "fp32", "exponent", "e4m3", "int8"]
"""How a scale is stored: none (elements hold the values themselves), a number of 16 or 32 bits, a power of two, a
number of 8 bits beside one of 32 bits for the tensor (NVFP4), a whole number of 8 bits beside one of 16 bits for the
row (BitMoD)."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a core without a format does to compute in one that it has, on its vector lanes.

    Parameters
    ----------
    to
        The format that it multiplies, or writes, by name.
    per_element, per_pair
        Operations for each element that is read or written, and for each pair that is multiplied (a sum of products of
        whole blocks is scaled once a block).
    """

    to: str
    per_element: int | Fraction = 0
    per_pair: Fraction = Fraction(0)

    @property
    def works(self) -> bool:
        """Whether it takes operations at all."""
        return bool(self.per_element or self.per_pair)


@dataclass(frozen=True, slots=True)
class Format:
    """A number format.

    Parameters
    ----------
    name
        What users write: "bf16", "mxfp4".
    kind
        Whether an element's multiplier is a floating-point or an integer one.
    element_bits
        Bits of one element without its share of a scale [bit].
    block
        Consecutive elements that share one scale, along the depth of products; 1 when no scale is stored with them
        (a single one for the tensor is an argument of what reads it), `ROW` when a whole row shares it.
    scale_bits
        Bits of scale, zero point and choice of levels per block [bit].
    element
        Its values; None where only its size is known.
    scale
        How the scale of a block, or of the tensor, is stored.
    row_bits
        Further bits of each row [bit].
    truncates
        Whether values are cut off instead of rounded.
    dense, keep, place_bits
        Where only N of every M consecutive elements are stored: the format with all of them, by name; N and M; and
        the bits that tell which [bit].
    encoding, density
        Where any elements may be zero: how the others are stored with their places, and their share.
    conversion
        How the core that reads or writes it computes in another, where it does.
    decided
        What its values decide on the unit that they are stored for, where there is one; all bits are then those of
        rows (`element_bits` is 0).
    """

    name: str
    kind: Literal["float", "int"]
    element_bits: int
    block: int = 1
    scale_bits: int = 0
    element: Element | None = None
    scale: Scale = "none"
    row_bits: int = 0
    truncates: bool = False
    dense: str = ""
    keep: tuple[int, int] = (1, 1)
    place_bits: int = 0
    encoding: str = ""
    density: Fraction = Fraction(1)
    conversion: Conversion | None = None
    decided: "Decided | None" = None

    def __hash__(self) -> int:
        """Of the name, which few others have: formats stand in the keys of all decisions."""
        return hash(self.name)

    @property
    def computed(self) -> str:
        """The format that its elements are multiplied in, by name."""
        return self.conversion.to if self.conversion else self.name

    @property
    def bits(self) -> float:
        """Bits per element of a long row, the block scale's share included [bit]."""
        return float(self.stored_bits) + (self.scale_bits / self.block if self.block else 0.0)

    @property
    def sparse(self) -> bool:
        """Whether some elements are not stored."""
        return self.keep[0] < self.keep[1] or bool(self.encoding)

    @property
    def stored_bits(self) -> int | Fraction:
        """Bits of an element, stored or not, without its share of a scale [bit]."""
        if not self.sparse or not self.element_bits:
            return self.element_bits
        if self.encoding:
            from bankside.kernels.formats.encoded import element_bits

            return element_bits(self.encoding, self.density, self.element_bits)
        keep, of = self.keep
        return Fraction(keep * self.element_bits + self.place_bits, of)

    @property
    def scaled(self) -> bool:
        """Whether scales are stored with the elements."""
        return self.scale_bits + self.row_bits > 0

    def bits_of(self, elements: int, row: int | None = None) -> int | Fraction:
        """Bits of `elements` in rows of `row` elements each [bit]; exact.

        Blocks end with the row, and the last one of a row has a whole scale. Without a row only the share of a scale
        that the elements have in long rows is counted.
        """
        if row is None:
            share = Fraction(self.scale_bits, self.block) if self.block else Fraction(0)
            return elements * (self.stored_bits + share)
        rows = -(-elements // row) if row else 0
        blocks = -(-row // (self.block or row)) if row else 0
        return elements * self.stored_bits + rows * (blocks * self.scale_bits + self.row_bits)

    def bytes_of(self, elements: int, row: int | None = None) -> int:
        """Bytes of `elements` packed without padding, rounded up once [byte]; see `bits_of`."""
        return int(-(-self.bits_of(elements, row) // 8))

    def in_rows(self, row: int, rows: int = 1) -> "Format":
        """The same in `rows` rows of `row` elements: `bits` is then exact for these, their scales counted as one; where
        any elements may be zero all bits are those of rows."""
        scales = int(self.bits_of(row, row) - row * self.stored_bits)
        if self.encoding and self.element_bits:
            from bankside.kernels.formats.encoded import matrix_bits

            stored = matrix_bits(self.encoding, self.density, self.element_bits, (rows, row))
            return replace(self, element_bits=0, block=row, scale_bits=scales - (-stored // rows), row_bits=0)
        if not self.scaled:
            return self
        return replace(self, block=row, scale_bits=scales, row_bits=0)

    def __str__(self) -> str:
        return self.name
