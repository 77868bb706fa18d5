"""Functions of one element that lanes evaluate: what they are, and what their range is reduced to."""

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
Real = Callable[[Any], Any]

LN2: Final = math.log(2.0)
PARTS: Final = ("exp", "reciprocal")
ROOT_HALF: Final = math.sqrt(0.5)

_erf: Final = np.frompyfunc(math.erf, 1, 1)


class Element(NamedTuple):
    """A function of one element.

    Parameters
    ----------
    value : float64[n] -> float64[n]
        The function itself.
    low, high
        Where tables approximate it: the range that reduction leaves, or that beyond which `below` and `above` hold.
    reduction_cycle
        Stages before and after the table: scaling, splitting off the exponent, putting it back; 0 where the range is
        not reduced.
    below, above : float64[n] -> float64[n]
        What holds outside the table of a function that is not reduced.
    parts
        Functions that a polynomial, a CORDIC or an exact unit makes it from, with additions and multiplications between
        them (`joint_cycle` stages); none where it is evaluated by itself.
    """

    value: Real
    low: float
    high: float
    reduction_cycle: int = 0
    below: Real = np.asarray
    above: Real = np.asarray
    parts: tuple[str, ...] = ()
    joint_cycle: int = 0

    @property
    def reduced(self) -> bool:
        """Whether any argument is brought to the range of the tables first."""
        return self.reduction_cycle > 0


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(np.asarray(x) < 0, e, 1.0) / (1.0 + e)


def normal(x: Any) -> Any:
    """The normal distribution, (1 + erf(x / sqrt 2)) / 2."""
    return 0.5 * (1.0 + np.asarray(_erf(np.asarray(x) * ROOT_HALF), dtype=np.float64))


def _zero(x: Any) -> Any:
    return np.zeros_like(x)


def _one(x: Any) -> Any:
    return np.ones_like(x)


ELEMENTS: Final[dict[str, Element]] = {
    "exp2": Element(np.exp2, 0.0, 1.0, 2),  # split off the integer, shift by it
    "exp": Element(np.exp, 0.0, LN2, 3),  # times log2 e, and the same
    "reciprocal": Element(lambda x: 1.0 / x, 1.0, 2.0, 2),  # normalise, shift back
    "division": Element(lambda x: 1.0 / x, 1.0, 2.0, 3),  # the same of the divisor, times the dividend
    "rsqrt": Element(lambda x: 1.0 / np.sqrt(x), 1.0, 4.0, 2),  # normalise to an even exponent, shift back
    "sigmoid": Element(sigmoid, -8.0, 8.0, 0, _zero, _one, PARTS, 2),  # 1 + e, times e
    "tanh": Element(np.tanh, -4.0, 4.0, 0, lambda x: -_one(x), _one, PARTS, 2),  # 1 + e, times 1 - e
    "gelu": Element(
        lambda x: x * normal(x), -4.0, 4.0, 0, _zero, np.asarray, PARTS, 6
    ),  # cubic, sigmoid, times x
    "silu": Element(lambda x: x * sigmoid(x), -8.0, 8.0, 0, _zero, np.asarray, PARTS, 3),  # sigmoid, times x
    "rope": Element(np.sin, 0.0, math.pi / 2, 2),  # quadrant off, sign back; the cosine is a quadrant on
}
"""By name. Tables of sigmoid and silu end where they are within 3.4e-4 and 2.7e-3 of what holds beyond, of tanh and
gelu 6.7e-4 and 1.3e-4. "division" is that of 1 by x; "rope" the sine by which pairs are rotated."""
