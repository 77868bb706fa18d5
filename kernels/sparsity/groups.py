"""Encodings of N:M: N values of every M consecutive elements of a row, and which of them those are.

N and M are arguments, so one decoder takes any pattern from one group to the next: it reads N values a group.
"""

from abc import abstractmethod
from math import comb
from typing import ClassVar

import numpy as np

from bankside.arch.spec import ConfigError
from bankside.kernels.sparsity.encoding import Encoded, Encoding, Int64s, Statistics, Values, index_bits
from bankside.kernels.sparsity.pattern import Bools, groups_of


class Grouped(Encoding):
    """What all encodings of N:M share: N values a group, zeros among them where a group has fewer."""

    order: ClassVar[str] = "any"

    def __init__(self, n: int, m: int) -> None:
        groups_of(n, m, m)
        self.n, self.m = n, m

    @property
    @abstractmethod
    def group_bits(self) -> int:
        """Metadata of a group [bit]."""

    def _groups(self, kept: Bools) -> int:
        groups = int(kept.shape[0]) * groups_of(self.n, self.m, kept.shape[1])
        most = int(kept.reshape(groups, self.m).sum(axis=1).max(initial=0))
        if most > self.n:
            raise ConfigError(
                f"A group of the matrix has {most} values, and {self.n}:{self.m} keeps {self.n}."
            )
        return groups

    def metadata_bits(self, kept: Bools, bits: int) -> int:
        """Those of all groups, and of the values that fill groups up."""
        groups = self._groups(kept)
        return groups * self.group_bits + (groups * self.n - int(kept.sum())) * bits

    def expected_bits(self, matrix: Statistics, bits: int) -> float:
        """All groups are full: the density is N / M."""
        return matrix.rows * groups_of(self.n, self.m, matrix.columns) * self.group_bits

    def encode(self, matrix: Values, bits: int) -> Encoded:
        """Values in their order, and their places in each group."""
        kept = matrix != 0
        groups = self._groups(kept)
        # first the kept ones in their order, then others, so that a short group is filled up with zeros
        order = np.argsort(~kept.reshape(groups, self.m), axis=1, kind="stable")
        places = np.sort(order[:, : self.n], axis=1).astype(np.int64)
        values = np.take_along_axis(matrix.reshape(groups, self.m), places, axis=1).reshape(-1)
        shape = int(matrix.shape[0]), int(matrix.shape[1])
        return Encoded(shape, values, {"places": self.pack(places)}, self.metadata_bits(kept, bits))

    def decode(self, encoded: Encoded) -> Values:
        """Values at their places."""
        values = encoded.values.reshape(-1, self.n)
        matrix = np.zeros((len(values), self.m), dtype=values.dtype)
        np.put_along_axis(matrix, self.unpack(encoded.fields["places"], len(values)), values, axis=1)
        return matrix.reshape(encoded.shape)

    @abstractmethod
    def pack(self, places: Int64s) -> Int64s:
        """Places of the values of each group, int64[groups, n], as they are stored."""

    @abstractmethod
    def unpack(self, stored: Int64s, groups: int) -> Int64s:
        """The places again."""

    def steps(self, kept: Bools) -> int:
        """N cycles a group, for every group alike."""
        return self._groups(kept) * self.n

    def expected_steps(self, matrix: Statistics) -> float:
        """N cycles a group."""
        return matrix.rows * groups_of(self.n, self.m, matrix.columns) * self.n


class NmIndex(Grouped):
    """The place of each value in its group."""

    name: ClassVar[str] = "nm-index"

    @property
    def group_bits(self) -> int:
        """N ceil(log2 M)."""
        return self.n * index_bits(self.m)

    def pack(self, places: Int64s) -> Int64s:
        """As they are."""
        return places

    def unpack(self, stored: Int64s, groups: int) -> Int64s:
        """As they are."""
        return stored


class NmBitmap(Grouped):
    """A bit for every element of a group."""

    name: ClassVar[str] = "nm-bitmap"

    @property
    def group_bits(self) -> int:
        """M."""
        return self.m

    def pack(self, places: Int64s) -> Int64s:
        """Zeros and ones: int64[groups, m]."""
        bitmap = np.zeros((len(places), self.m), dtype=np.int64)
        np.put_along_axis(bitmap, places, 1, axis=1)
        return bitmap

    def unpack(self, stored: Int64s, groups: int) -> Int64s:
        """Where the ones are."""
        return np.nonzero(stored)[1].reshape(groups, self.n).astype(np.int64)


class NmRank(Grouped):
    """The number of the choice among all C(M, N) in their order: the fewest bits that all choices can have."""

    name: ClassVar[str] = "nm-rank"

    def __init__(self, n: int, m: int) -> None:
        super().__init__(n, m)
        if comb(m, n) >= 1 << 62:
            raise ConfigError(
                f"There are {comb(m, n)} choices of {n} of {m}; their ranks have 62 bits at most."
            )

    @property
    def group_bits(self) -> int:
        """ceil(log2 C(M, N))."""
        return (comb(self.m, self.n) - 1).bit_length()

    def _ranks(self) -> Int64s:
        """C(place, i + 1): int64[n, m]."""
        table = [[comb(place, i + 1) for place in range(self.m)] for i in range(self.n)]
        return np.array(table, dtype=np.int64).reshape(self.n, self.m)

    def pack(self, places: Int64s) -> Int64s:
        """The combinatorial number system: the sum of C(place i, i + 1)."""
        ranks = self._ranks()
        return np.asarray(
            sum((ranks[i, places[:, i]] for i in range(self.n)), np.zeros(len(places), np.int64))
        )

    def unpack(self, stored: Int64s, groups: int) -> Int64s:
        """The largest place first that the rest of the rank allows."""
        ranks, rest = self._ranks(), stored.copy()
        places = np.zeros((groups, self.n), dtype=np.int64)
        for i in range(self.n - 1, -1, -1):
            places[:, i] = np.searchsorted(ranks[i], rest, side="right") - 1
            rest -= ranks[i, places[:, i]]
        return places
