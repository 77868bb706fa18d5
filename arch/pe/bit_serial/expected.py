"""Means over groups of independent elements, exact sums over what one element can be: no draw, no error."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.pe.bit_serial.encodings import counts, highest, lengths, lowest, masks
from bankside.arch.pe.bit_serial.scheme import Int64s, Setting

Float64s = npt.NDArray[np.float64]


def mean_cycles(scheme: str, setting: Setting, share: Float64s) -> float | None:
    """Mean cycles of a group of independent elements; None where no sum gives it.

    Parameters
    ----------
    share : float64[values]
        Probability of every value from the least on.
    """
    found = MEANS.get(scheme)
    return None if found is None or setting.trim or setting.once or setting.pruned else found(setting, share)


def uniform(bits: int, signed: bool) -> Float64s:
    """All values of `bits` bits alike, two's complement ones or those without a sign: float64[values]."""
    values = np.arange(lowest(bits), highest(bits) + 1)
    inside = (values < 1 << (bits - 1)) if signed else values >= 0
    return np.asarray(inside / inside.sum(), dtype=np.float64)


def rounded(bits: int, clip: float, above: Callable[[float], float]) -> Float64s:
    """A symmetric distribution, rounded to whole numbers of which the largest stands for `clip`: float64[values].

    Parameters
    ----------
    above
        The probability of more than x.
    """
    most = (1 << (bits - 1)) - 1
    edges = np.array([above((place - 0.5) * clip / most) for place in range(1, most + 1)])
    share = np.zeros(highest(bits) - lowest(bits) + 1, dtype=np.float64)
    upper = edges - np.append(edges[1:], 0.0)
    zero = -lowest(bits)
    share[zero + 1 : zero + most + 1] = upper
    share[zero - most : zero] = upper[::-1]
    share[zero] = 1 - 2 * edges[0]
    return share


def gaussian(bits: int, clip: float) -> Float64s:
    """Standard normal values, see `rounded`."""
    return rounded(bits, clip, lambda x: 0.5 * math.erfc(x / math.sqrt(2)))


def laplace(bits: int, clip: float) -> Float64s:
    """Laplace values of variance 1, see `rounded`."""
    return rounded(bits, clip, lambda x: 0.5 * math.exp(-math.sqrt(2) * x))


def _largest(entries: Int64s, share: Float64s, group: int, least: int = 0) -> float:
    """E[max(least, largest of group)] = sum over k of 1 - F(k)^group."""
    upto = np.cumsum(np.bincount(entries, weights=share))
    return float(least + (1 - np.minimum(1.0, upto[least:]) ** group).sum())


def _laconic(setting: Setting, share: Float64s) -> float:
    own = counts(setting.bits, setting.encoding)
    each = np.bincount(own, weights=share)
    pairs = np.multiply.outer(np.arange(each.size), np.arange(each.size)).reshape(-1)
    return _largest(pairs, np.multiply.outer(each, each).reshape(-1), setting.group, 1)


def _columns(setting: Setting, share: Float64s) -> float:
    """Columns in which any of the group has a digit."""
    table = masks(setting.bits, setting.encoding)
    density = np.array([share[(table >> column) & 1 == 1].sum() for column in range(setting.bits + 2)])
    return float((1 - (1 - density) ** setting.group).sum())


def _essential(setting: Setting, share: Float64s) -> float:
    return _largest(counts(setting.bits, setting.encoding), share, setting.group)


def _lengths(setting: Setting, share: Float64s) -> float:
    return _largest(lengths(setting.bits, setting.encoding), share, setting.group)


def rarer(setting: Setting, share: Float64s, group: int) -> float:
    """Mean of the rarer of ones and zeros of a column of `group` bits."""
    table = masks(setting.bits, "twos-complement")
    ones = np.arange(group + 1)
    ways = np.array([math.comb(group, k) for k in ones], dtype=np.float64)
    found = []
    for column in range(setting.bits):
        density = share[(table >> column) & 1 == 1].sum()
        chance = ways * density**ones * (1 - density) ** (group - ones)
        found.append(float((chance * np.minimum(ones, group - ones)).sum()))
    return math.fsum(found) / setting.bits


MEANS: Final[dict[str, Callable[[Setting, Float64s], float]]] = {
    "essential": _essential,
    "laconic": _laconic,
    "shapeshifter": _lengths,
    "loom": lambda setting, share: _lengths(setting, share) * setting.other_bits,
    "bitwave": _columns,
}
