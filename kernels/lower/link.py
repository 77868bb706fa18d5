"""An operation of a transfer between the channels and a core, beside its streams."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import LINK_SERIAL
from bankside.arch.engine.program import RunTooLongError


@dataclass(frozen=True)
class Link:
    """An operation between the channels and the core: its unit, and what a transfer is there.

    On a network (`row` of 0 or more): traffic of that row, `share` of the node's bytes. On other units: so many fs per
    byte, and fs in any case, of one cause. `most_byte` is the longest transfer that can be timed.
    """

    unit: int
    row: int = -1
    share: float = 1.0
    cause: int = LINK_SERIAL
    fs_per_byte: float = 0.0
    fs: int = 0
    most_byte: int = 1 << 62

    def check(self, byte: int) -> None:
        """Refuse a transfer that takes too long to be counted.

        Raises
        ------
        RunTooLongError
        """
        if byte * self.share > self.most_byte:
            raise RunTooLongError(
                f"A link takes a transfer of {byte:.3g} bytes for longer than can be counted."
            )

    def words(self, byte: int) -> list[int]:
        """The operation's work for a transfer of so many bytes of the node."""
        self.check(byte)
        if self.row >= 0:
            return [self.row, round(byte * self.share), 0, 1]
        cycles = self.fs + round(byte * self.fs_per_byte)
        return [self.cause, cycles] if cycles else []


Way = tuple[tuple[Link, ...], ...]
"""Stages, one after the other; a transfer takes the links of a stage side by side."""

Chain = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]
"""The operations of a transfer as a train has them: `chain` and `rate` of `arch.engine.trains.Chained`."""
