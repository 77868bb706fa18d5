"""Encodings of a matrix as one string of elements, row after row: dense, bitmap, run lengths, bitmap of two levels."""

from typing import ClassVar

import numpy as np

from bankside.kernels.sparsity.encoding import Encoded, Encoding, Int64s, Statistics, Values
from bankside.kernels.sparsity.pattern import Bools


class Dense(Encoding):
    """All elements, zeros too, whose bits are the metadata."""

    name: ClassVar[str] = "dense"
    order: ClassVar[str] = "any"

    def metadata_bits(self, kept: Bools, bits: int) -> int:
        """Those of the zeros."""
        return (kept.size - int(kept.sum())) * bits

    def expected_bits(self, matrix: Statistics, bits: int) -> float:
        """Those of the zeros."""
        return (matrix.rows * matrix.columns - matrix.nonzeros) * bits

    def encode(self, matrix: Values, bits: int) -> Encoded:
        """The elements as they are."""
        return Encoded(_shape(matrix), matrix.reshape(-1).copy(), {}, self.metadata_bits(matrix != 0, bits))

    def decode(self, encoded: Encoded) -> Values:
        """The elements as they are."""
        return encoded.values.reshape(encoded.shape)

    def steps(self, kept: Bools) -> int:
        """An element a cycle."""
        return kept.size

    def expected_steps(self, matrix: Statistics) -> float:
        """An element a cycle."""
        return matrix.rows * matrix.columns


class Bitmap(Encoding):
    """A bit for every element. A priority encoder finds one value a cycle."""

    name: ClassVar[str] = "bitmap"

    def metadata_bits(self, kept: Bools, bits: int) -> int:
        """One an element."""
        return kept.size

    def expected_bits(self, matrix: Statistics, bits: int) -> float:
        """One an element."""
        return matrix.rows * matrix.columns

    def encode(self, matrix: Values, bits: int) -> Encoded:
        """The mask and what it keeps."""
        kept = matrix != 0
        return Encoded(_shape(matrix), matrix[kept], {"mask": kept}, self.metadata_bits(kept, bits))

    def decode(self, encoded: Encoded) -> Values:
        """Values where the mask is set."""
        matrix = np.zeros(encoded.shape, dtype=encoded.values.dtype)
        matrix[encoded.fields["mask"]] = encoded.values
        return matrix

    def steps(self, kept: Bools) -> int:
        """A value a cycle."""
        return int(kept.sum())

    def expected_steps(self, matrix: Statistics) -> float:
        """A value a cycle."""
        return matrix.nonzeros


class RunLength(Encoding):
    """The number of zeros before each value in `run_bits` bits; a longer run is broken by explicit zeros."""

    name: ClassVar[str] = "rle"

    def __init__(self, run_bits: int) -> None:
        self.run_bits = run_bits
        self.longest = (1 << run_bits) - 1

    def _runs(self, kept: Bools) -> Int64s:
        """Zeros before each value; those after the last follow from the matrix's size."""
        places = np.flatnonzero(kept)
        return np.diff(places, prepend=-1) - 1

    def metadata_bits(self, kept: Bools, bits: int) -> int:
        """A run an item, and the values of items that are zeros."""
        runs = self._runs(kept)
        filled = int((runs >> self.run_bits).sum())
        return (runs.size + filled) * self.run_bits + filled * bits

    def expected_bits(self, matrix: Statistics, bits: int) -> float:
        """Zero runs are geometric: a run breaks with the probability q = (1 - d)^(2^r), again and again."""
        items = self.expected_steps(matrix)
        return items * (bits + self.run_bits) - matrix.nonzeros * bits

    def encode(self, matrix: Values, bits: int) -> Encoded:
        """Items of a run and a value."""
        kept = matrix != 0
        runs = self._runs(kept)
        filled = runs >> self.run_bits
        last = np.cumsum(filled + 1) - 1
        items = int(last[-1]) + 1 if last.size else 0
        zeros = np.full(items, self.longest, dtype=np.int64)
        values = np.zeros(items, dtype=matrix.dtype)
        zeros[last], values[last] = runs & self.longest, matrix[kept]
        return Encoded(_shape(matrix), values, {"runs": zeros}, self.metadata_bits(kept, bits))

    def decode(self, encoded: Encoded) -> Values:
        """Each value after its zeros."""
        flat = np.zeros(encoded.shape[0] * encoded.shape[1], dtype=encoded.values.dtype)
        flat[np.cumsum(encoded.fields["runs"] + 1) - 1] = encoded.values
        return flat.reshape(encoded.shape)

    def steps(self, kept: Bools) -> int:
        """An item a cycle, explicit zeros too."""
        runs = self._runs(kept)
        return runs.size + int((runs >> self.run_bits).sum())

    def expected_steps(self, matrix: Statistics) -> float:
        """An item a cycle."""
        broken = (1.0 - matrix.density) ** (1 << self.run_bits)
        return matrix.nonzeros / (1.0 - broken) if broken < 1.0 else 0.0


class TwoLevel(Encoding):
    """A bit for every block of consecutive elements, and a bitmap of each block that is not empty."""

    name: ClassVar[str] = "two-level"

    def __init__(self, block: int) -> None:
        self.block = block

    def _full(self, kept: Bools) -> Bools:
        """Blocks of the string that have a value."""
        flat = kept.reshape(-1)
        starts = np.arange(0, flat.size, self.block)
        return np.logical_or.reduceat(flat, starts) if flat.size else np.zeros(0, dtype=np.bool_)

    def metadata_bits(self, kept: Bools, bits: int) -> int:
        """One a block, and one an element of blocks with values; the last block is as long as what is left."""
        full = self._full(kept)
        missing = full.size * self.block - kept.size
        return full.size + int(full.sum()) * self.block - (missing if full.size and full[-1] else 0)

    def expected_bits(self, matrix: Statistics, bits: int) -> float:
        """A block of B is empty with the probability (1 - d)^B."""
        elements = matrix.rows * matrix.columns
        whole, rest = divmod(elements, self.block)
        inner = whole * self.block * (1.0 - (1.0 - matrix.density) ** self.block)
        return whole + (rest > 0) + inner + rest * (1.0 - (1.0 - matrix.density) ** rest)

    def encode(self, matrix: Values, bits: int) -> Encoded:
        """Both masks and what they keep."""
        kept = matrix != 0
        full = self._full(kept)
        inner = kept.reshape(-1)[np.repeat(full, self.block)[: kept.size]]
        fields = {"blocks": full, "mask": inner}
        return Encoded(_shape(matrix), matrix[kept], fields, self.metadata_bits(kept, bits))

    def decode(self, encoded: Encoded) -> Values:
        """Values where both masks are set."""
        flat = np.zeros(encoded.shape[0] * encoded.shape[1], dtype=encoded.values.dtype)
        places = np.flatnonzero(np.repeat(encoded.fields["blocks"], self.block)[: flat.size])
        flat[places[encoded.fields["mask"]]] = encoded.values
        return flat.reshape(encoded.shape)

    def steps(self, kept: Bools) -> int:
        """A value a cycle; empty blocks are passed over."""
        return int(kept.sum())

    def expected_steps(self, matrix: Statistics) -> float:
        """A value a cycle."""
        return matrix.nonzeros


def _shape(matrix: Values) -> tuple[int, int]:
    return int(matrix.shape[0]), int(matrix.shape[1])
