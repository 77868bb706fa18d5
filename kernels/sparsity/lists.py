"""Encodings by lists of indices: compressed rows (CSR), compressed columns (CSC), coordinates (COO)."""

from typing import ClassVar

import numpy as np

from bankside.kernels.sparsity.encoding import Encoded, Encoding, Statistics, Values, index_bits
from bankside.kernels.sparsity.pattern import Bools


class Compressed(Encoding):
    """An index along the line for each value, and where each line begins."""

    turns: ClassVar[bool] = False

    def _lines(self, rows: int, columns: int) -> tuple[int, int]:
        """Lines, and elements of a line."""
        return (rows, columns) if self.order == "rows" else (columns, rows)

    def metadata_bits(self, kept: Bools, bits: int) -> int:
        """ceil(log2 of a line's elements) a value, ceil(log2(values + 1)) for each of lines + 1 pointers."""
        lines, length = self._lines(*kept.shape)
        nonzeros = int(kept.sum())
        return nonzeros * index_bits(length) + (lines + 1) * index_bits(nonzeros + 1)

    def expected_bits(self, matrix: Statistics, bits: int) -> float:
        """With pointers for the mean number of values."""
        lines, length = self._lines(matrix.rows, matrix.columns)
        return matrix.nonzeros * index_bits(length) + (lines + 1) * index_bits(matrix.nonzeros + 1)

    def encode(self, matrix: Values, bits: int) -> Encoded:
        """Indices and pointers."""
        turned = matrix if self.order == "rows" else matrix.T
        kept = turned != 0
        _, indices = np.nonzero(kept)
        pointers = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int64)
        fields = {"indices": indices.astype(np.int64), "pointers": pointers}
        shape = int(matrix.shape[0]), int(matrix.shape[1])
        return Encoded(shape, turned[kept], fields, self.metadata_bits(matrix != 0, bits))

    def decode(self, encoded: Encoded) -> Values:
        """Values at the indices of their lines."""
        lines, length = self._lines(*encoded.shape)
        matrix = np.zeros((lines, length), dtype=encoded.values.dtype)
        line = np.repeat(np.arange(lines), np.diff(encoded.fields["pointers"]))
        matrix[line, encoded.fields["indices"]] = encoded.values
        return matrix if self.order == "rows" else np.ascontiguousarray(matrix.T)

    def steps(self, kept: Bools) -> int:
        """A value a cycle, and a cycle for each line without one, whose pointers are read all the same."""
        return int(kept.sum()) + int((~kept.any(axis=1 if self.order == "rows" else 0)).sum())

    def expected_steps(self, matrix: Statistics) -> float:
        """A line is empty with the probability (1 - d)^(its elements)."""
        lines, length = self._lines(matrix.rows, matrix.columns)
        return matrix.nonzeros + lines * float((1.0 - matrix.density) ** length)


class Csr(Compressed):
    """Compressed rows."""

    name: ClassVar[str] = "csr"


class Csc(Compressed):
    """Compressed columns."""

    name: ClassVar[str] = "csc"
    order: ClassVar[str] = "columns"


class Coo(Encoding):
    """Row and column of each value, row after row."""

    name: ClassVar[str] = "coo"

    def metadata_bits(self, kept: Bools, bits: int) -> int:
        """Both indices a value."""
        return int(kept.sum()) * (index_bits(kept.shape[0]) + index_bits(kept.shape[1]))

    def expected_bits(self, matrix: Statistics, bits: int) -> float:
        """Both indices a value."""
        return matrix.nonzeros * (index_bits(matrix.rows) + index_bits(matrix.columns))

    def encode(self, matrix: Values, bits: int) -> Encoded:
        """Both indices of each value."""
        kept = matrix != 0
        rows, columns = np.nonzero(kept)
        fields = {"rows": rows.astype(np.int64), "columns": columns.astype(np.int64)}
        shape = int(matrix.shape[0]), int(matrix.shape[1])
        return Encoded(shape, matrix[kept], fields, self.metadata_bits(kept, bits))

    def decode(self, encoded: Encoded) -> Values:
        """Values at their indices."""
        matrix = np.zeros(encoded.shape, dtype=encoded.values.dtype)
        matrix[encoded.fields["rows"], encoded.fields["columns"]] = encoded.values
        return matrix

    def steps(self, kept: Bools) -> int:
        """A value a cycle."""
        return int(kept.sum())

    def expected_steps(self, matrix: Statistics) -> float:
        """A value a cycle."""
        return matrix.nonzeros
