"""Work on all elements of a vector that rests in memory, and vectors that go there and come back."""

from dataclasses import dataclass, replace
from typing import Final, Self

from bankside.kernels.formats.computed import Taken
from bankside.kernels.operators.operator import Operator
from bankside.kernels.operators.tensor import Tensor

TRAVERSALS: Final[dict[str, int]] = {
    "sum": 1,
    "prefix_sum": 1,  # every element becomes the sum of those up to it
    "select": 0,  # the largest elements, in the order in which they lie
    "unique": 0,  # the first, and those that differ from the one before
    "histogram": 1,  # elements counted by equal parts of their range
}
"""Operations of each element by function, by the convention of `FUNCTIONS`: comparisons are none."""

TRANSFERS: Final = ("scatter", "broadcast", "gather")
"""To every processor of a memory its part of a vector, to all of them all of it, from every one its part."""


@dataclass(frozen=True, slots=True)
class Traversal(Operator):
    """A function of all elements of a vector, or its transfer.

    Parameters
    ----------
    label
        The operator's name in reports.
    function
        A name in `TRAVERSALS` or `TRANSFERS`.
    source, out
        The vector, and what becomes of it.
    """

    label: str
    function: str
    source: Tensor
    out: Tensor

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """The vector."""
        return (self.source,)

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """What becomes of it."""
        return (self.out,)

    @property
    def elements(self) -> int:
        """Elements of the vector."""
        return self.source.elements

    @property
    def share(self) -> float:
        """Elements of the result for each of the vector."""
        return self.out.elements / self.source.elements

    @property
    def macs(self) -> int:
        """None."""
        return 0

    @property
    def flops(self) -> int:
        """Operations by the convention of `TRAVERSALS`; a transfer has none."""
        return TRAVERSALS.get(self.function, 0) * self.elements

    def computed_in(self, taken: Taken) -> Self:
        """The vector as functions of elements read it, the result as it is written."""
        return replace(self, source=self.source.read_in(taken.read), out=self.out.read_in(taken.written))
