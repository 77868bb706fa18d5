"""What an encoding of a sparse matrix is: exact bits of its metadata, codes and back, steps of its decoder."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bankside.kernels.sparsity.pattern import Bools

Int64s = npt.NDArray[np.int64]
Values = npt.NDArray[Any]


@dataclass(frozen=True)
class Encoded:
    """A matrix as an encoding stores it.

    Attributes
    ----------
    shape
        Rows and columns.
    values : [stored]
        Stored values in their order, zeros that fill up among them.
    fields : dict of str to int64 or bool arrays
        The metadata.
    metadata_bits
        Its bits, and those of values that only fill up [bit].
    """

    shape: tuple[int, int]
    values: Values
    fields: dict[str, npt.NDArray[Any]]
    metadata_bits: int


@dataclass(frozen=True)
class Statistics:
    """A matrix that is only known by its size and density: elements are kept independently of each other."""

    rows: int
    columns: int
    density: float

    @property
    def nonzeros(self) -> float:
        """Kept elements on average."""
        return self.density * self.rows * self.columns


class Encoding(ABC):
    """One way to store the places of the elements that are not zero.

    `order` is that in which it yields elements: along rows, along columns, or "any" where the place of a value
    follows from its own group alone. What `turns` is the same along columns, of the transpose.
    """

    name: ClassVar[str]
    order: ClassVar[str] = "rows"
    turns: ClassVar[bool] = True

    @abstractmethod
    def metadata_bits(self, kept: Bools, bits: int) -> int:
        """Bits beside those of the values that are not zero; `bits` is the width of a value [bit]."""

    @abstractmethod
    def expected_bits(self, matrix: Statistics, bits: int) -> float:
        """The mean of `metadata_bits` over random matrices [bit]."""

    @abstractmethod
    def encode(self, matrix: Values, bits: int) -> Encoded:
        """The matrix as it is stored."""

    @abstractmethod
    def decode(self, encoded: Encoded) -> Values:
        """The matrix again."""

    @abstractmethod
    def steps(self, kept: Bools) -> int:
        """Cycles of a decoder that takes one stored item a cycle."""

    @abstractmethod
    def expected_steps(self, matrix: Statistics) -> float:
        """The mean of `steps` over random matrices [cycle]."""


def index_bits(count: float) -> int:
    """Bits that tell `count` things apart: ceil(log2 count) [bit]."""
    return int(np.ceil(np.log2(count))) if count > 1 else 0
