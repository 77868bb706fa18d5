"""What a scheme of serial processing is: cycles of each group of operands, and the bits that it stores of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.pe.bit_serial.encodings import counts, lowest

Int64s = npt.NDArray[np.int64]

NO_OTHER: Final[Int64s] = np.zeros(0, dtype=np.int64)


class Setting(NamedTuple):
    """How a scheme is set up.

    Attributes
    ----------
    bits
        Of an operand; of Anda, planes of a mantissa.
    group
        Lanes that start together: consecutive elements of a row; of N:M, M.
    encoding
        One of `encodings.ENCODINGS`.
    shift_bits
        L of Pragmatic's second stage of shifters.
    other_bits
        Of the second operand, where both are serial.
    keep
        N of N:M.
    bitmap
        Whether N:M marks what it keeps by a bitmap; else by indices.
    port
        Activations that come to an element in a cycle, 0 for no limit (N:M).
    pruned
        Columns that BitVert leaves out, or at least so many that BitWave does, by flipping bits.
    trim
        Whether zeros at the low end are skipped too (ShapeShifter).
    once
        Whether every weight is used once, so that only the second operand is serial (Loom's fully connected layers).
    """

    bits: int = 8
    group: int = 16
    encoding: str = "twos-complement"
    shift_bits: int = 2
    other_bits: int = 8
    keep: int = 2
    bitmap: bool = True
    port: int = 0
    pruned: int = 0
    trim: bool = False
    once: bool = False


class Drawn(NamedTuple):
    """Operands as kernels read them: values less the least value, int64[elements]; `other` may be empty."""

    places: Int64s
    other: Int64s = NO_OTHER


Work = Callable[[Setting, Drawn], Int64s]


@dataclass(frozen=True)
class Scheme:
    """A scheme.

    Parameters
    ----------
    name, line
        What users write, and what it does.
    work
        Cycles of every group: int64[groups].
    parallel
        Cycles in which a bit-parallel element of as many serial multipliers does a group.
    encodings
        Those that it works on, its own first; none where the digits of its operands decide nothing.
    group
        Lanes of the published design.
    stored
        Bits that a group takes in memory: int64[groups]; all bits of its elements where it is left out.
    both
        Whether a second operand decides too: "" if it does not, "may" or "must".
    """

    name: str
    line: str
    work: Work
    parallel: Callable[[Setting], float]
    encodings: tuple[str, ...] = ()
    group: int = 16
    stored: Work | None = None
    both: Literal["", "may", "must"] = ""
    faults: Callable[[Setting], list[str]] = field(default=lambda _: [])

    @property
    def decided(self) -> bool:
        """Whether its operands decide its cycles."""
        return bool(self.encodings)

    def stored_bits(self, setting: Setting, drawn: Drawn) -> Int64s:
        """Bits that each group takes in memory: int64[groups]."""
        if self.stored is not None:
            return self.stored(setting, drawn)
        return np.full(drawn.places.size // setting.group, setting.group * setting.bits, dtype=np.int64)


def nonzero(bits: int) -> Int64s:
    """1 for every value but zero: int64[values]."""
    table = np.minimum(1, counts(bits, "sign-magnitude"))
    assert table[-lowest(bits)] == 0
    return table


def fixed(setting: Setting, drawn: Drawn, cycles: int) -> Int64s:
    """The same cycles for every group."""
    return np.full(drawn.places.size // setting.group, cycles, dtype=np.int64)
