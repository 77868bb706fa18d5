"""Exchanges among the packages that share a kernel."""

from dataclasses import dataclass, replace
from typing import Self

from bankside.arch.noc.protocol import Pattern
from bankside.kernels.formats.computed import Taken
from bankside.kernels.operators.operator import Operator
from bankside.kernels.operators.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Collective(Operator):
    """What every package of a group has of a tensor, brought to where the others need it.

    Parameters
    ----------
    label
        The operator's name in reports.
    pattern
        all_reduce: sums of what all have; all_gather: all of what each has a part of; all_to_all: each one's rows to
        those that work on them; point_to_point: the rows to the next of two.
    group
        Packages.
    x, out
        What a package has before and after.
    """

    label: str
    pattern: Pattern
    group: int
    x: Tensor
    out: Tensor

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """What a package has."""
        return (self.x,)

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """What it gets."""
        return (self.out,)

    @property
    def macs(self) -> int:
        """None."""
        return 0

    @property
    def flops(self) -> int:
        """None: adding up is the links' or their software's affair."""
        return 0

    @property
    def launched(self) -> bool:
        """No: the base of its software has it."""
        return False

    @property
    def bytes_each(self) -> float:
        """Bytes of a package, as the pattern counts them [byte]."""
        return self.x.bytes / self.group if self.pattern == "all_to_all" else float(self.x.bytes)

    def computed_in(self, taken: Taken) -> Self:
        """As results are written."""
        x, out = (tensor.read_in(taken.written) for tensor in (self.x, self.out))
        return replace(self, x=x, out=out)
