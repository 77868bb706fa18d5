"""What an element of a format is: a small floating-point number, a whole number, or one of listed levels."""

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Minifloat:
    """Sign, exponent and mantissa, with subnormals.

    Parameters
    ----------
    exponent, mantissa
        Their bits [bit].
    specials
        What the largest exponent holds: "ieee" infinity and NaN, "nan" a NaN with all mantissa bits set and numbers
        otherwise (E4M3 of the OCP 8-bit specification), "none" numbers alone.
    saturates
        Whether what is too large becomes the largest number; else it becomes infinity.
    """

    exponent: int
    mantissa: int
    specials: Literal["ieee", "nan", "none"] = "none"
    saturates: bool = True

    @property
    def bits(self) -> int:
        """Stored bits [bit]."""
        return 1 + self.exponent + self.mantissa

    @property
    def bias(self) -> int:
        """What is taken from the stored exponent."""
        return (1 << (self.exponent - 1)) - 1

    @property
    def highest(self) -> int:
        """Exponent of the largest numbers."""
        return (1 << self.exponent) - 1 - self.bias - (self.specials == "ieee")

    @property
    def maximum(self) -> float:
        """The largest number."""
        top = (2 << self.mantissa) - 1 - (self.specials == "nan")
        return float(top * 2.0 ** (self.highest - self.mantissa))

    @property
    def least_normal(self) -> float:
        """The smallest number with all bits of its mantissa."""
        return float(2.0 ** (1 - self.bias))

    @property
    def least(self) -> float:
        """The smallest number above zero."""
        return float(2.0 ** (1 - self.bias - self.mantissa))


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number of steps of 2^-fraction: of either sign and equal ends, or from zero up with a zero point."""

    bits: int
    symmetric: bool = True
    fraction: int = 0
    magnitude: bool = False
    """Stored as a sign and bit planes of the magnitude, not in two's complement."""

    @property
    def top(self) -> int:
        """The largest number of steps."""
        return (1 << (self.bits - self.symmetric)) - 1

    @property
    def highest(self) -> int:
        """Exponent of the largest numbers."""
        return self.bits - 2 - self.fraction

    @property
    def maximum(self) -> float:
        """The largest number."""
        return float(self.top * 2.0**-self.fraction)

    @property
    def least_normal(self) -> float:
        """The step."""
        return float(2.0**-self.fraction)

    @property
    def least(self) -> float:
        """The step."""
        return self.least_normal


@dataclass(frozen=True, slots=True)
class Levels:
    """Listed values, in the order of their codes; of several lists each block takes the one that fits it best."""

    lists: tuple[tuple[float, ...], ...]

    @property
    def bits(self) -> int:
        """Bits of a code [bit]."""
        return (len(self.lists[0]) - 1).bit_length()

    @property
    def maximum(self) -> float:
        """The largest magnitude of any list."""
        return max(abs(level) for levels in self.lists for level in levels)

    @property
    def least_normal(self) -> float:
        """The smallest magnitude above zero."""
        return min(abs(level) for levels in self.lists for level in levels if level)

    @property
    def least(self) -> float:
        """The smallest magnitude above zero."""
        return self.least_normal


Element: TypeAlias = Minifloat | Whole | Levels
