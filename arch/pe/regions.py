"""What the values of each part of a stationary operand decide: sums up to every output and group of inputs."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]


class Part(NamedTuple):
    """Means over parts of an operand: float64[parts] each, see `Decided`."""

    round_cycle: Float64s
    lane_cycle: Float64s
    element_bit: Float64s


@dataclass(frozen=True)
class Regions:
    """Sums over outputs and groups of inputs.

    Parameters
    ----------
    digest
        Of the values; two of the same are equal.
    group
        Inputs of a group.
    sums : float64[3, outputs + 1, groups + 1]
        Cycles of rounds and of lanes, each for one group of one output, and bits of groups; up to each of both.
    """

    digest: str
    group: int
    sums: Float64s = field(compare=False, repr=False)

    @classmethod
    def of(cls, digest: str, group: int, each: Float64s) -> "Regions":
        """Of each group's cycles of rounds, of lanes, and bits: float64[3, outputs, groups]."""
        sums = np.zeros((3, each.shape[1] + 1, each.shape[2] + 1))
        np.cumsum(np.cumsum(each, axis=1), axis=2, out=sums[:, 1:, 1:])
        return cls(digest, group, sums)

    def means(self, outputs: tuple[Int64s, Int64s], inputs: tuple[Int64s, Int64s]) -> Part:
        """Means over the parts from the first of each pair to before the second; of empty parts those of no part: 1
        cycle and no bits."""
        first, end = inputs[0] // self.group, -(-inputs[1] // self.group)
        low, high = outputs
        total = (
            self.sums[:, high, end]
            - self.sums[:, low, end]
            - self.sums[:, high, first]
            + self.sums[:, low, first]
        )
        count = (high - low) * (end - first)
        mean = np.where(count > 0, total / np.maximum(1, count), np.array([1.0, 1.0, 0.0])[:, None])
        return Part(mean[0], mean[1], mean[2] / self.group)
