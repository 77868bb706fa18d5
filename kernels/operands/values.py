"""Values of a kernel's weights: read, or drawn by stated statistics where nobody gave them."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.kernels.formats import Format
from bankside.kernels.formats.codes import decode
from bankside.kernels.formats.element import Whole
from bankside.kernels.formats.quantise import quantise
from bankside.kernels.operands.distributions import CLIP, DISTRIBUTIONS, draw

Integers = npt.NDArray[Any]

SAMPLE: Final = 1 << 18
"""Elements that are drawn of weights, of which there may be any number."""


@dataclass(frozen=True)
class Values:
    """Values of the weights of one operator, [outputs, inputs] as checkpoints keep them, or of all that are not named.

    Parameters
    ----------
    label
        The operator's name; "" for all others.
    source
        Where they come from, for reports: a file, or a distribution.
    seed
        Of a distribution.
    digest
        Of what the file holds; two of the same digest are equal.
    array
        What was read; None where they are drawn.
    """

    label: str
    source: str
    seed: int = 0
    digest: str = ""
    array: Integers | None = field(default=None, compare=False, repr=False)

    @property
    def drawn(self) -> bool:
        """Whether they are drawn."""
        return self.array is None

    def told(self) -> str:
        """For a sentence."""
        if not self.drawn:
            return f"read from {self.source}"
        wide = f", the largest number at {CLIP:g} standard deviations" if self.source in CLIPPED else ""
        return f"drawn ({self.source}, seed {self.seed}{wide})"


CLIPPED: Final = ("gaussian", "laplace")
DEFAULT: Final = Values("", "gaussian")
"""Weights that nobody gave: normal, with one scale for an output's row of some thousand inputs, whose largest
magnitude lies at four standard deviations (about 3.6 on average)."""


def distribution(label: str, text: str) -> Values | None:
    """The distribution of a text like laplace or laplace:3, whose number is the seed; None where it is none."""
    name, colon, seed = text.partition(":")
    if name not in DISTRIBUTIONS or (colon and not seed.isdecimal()):
        return None
    return Values(label, name, int(seed or 0))


def sample(of: Values, rows: int, columns: int, bits: int) -> Integers:
    """Rows of values that are drawn, as many as make `SAMPLE` elements in whole sets of `rows`."""
    sets = -(-SAMPLE // (rows * columns))
    return draw(of.source, (rows * sets, columns), bits, of.seed)


def whole_numbers(array: Integers, fmt: Format) -> Integers:
    """Numbers of steps that a format stores of an array; whole numbers are taken for such."""
    if array.dtype.kind in "iu":
        return array
    assert isinstance(fmt.element, Whole)
    stored = quantise(fmt, array)
    numbers = np.rint(decode(fmt.element, stored.codes) * 2.0**fmt.element.fraction) - stored.zeros
    rows = numbers.reshape(stored.codes.shape[0], -1)[:, : array.shape[-1]]
    return np.asarray(rows.reshape(array.shape), dtype=np.int64)
