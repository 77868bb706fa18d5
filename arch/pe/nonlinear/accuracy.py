"""The error of a function over every value of a number format."""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from bankside.arch.pe.nonlinear.datapath import evaluate
from bankside.arch.pe.nonlinear.elements import ELEMENTS
from bankside.arch.pe.nonlinear.method import MethodSpec
from bankside.arch.pe.nonlinear.rounding import FLOATS, every, rounded
from bankside.arch.pe.nonlinear.softmax.units import SOFTMAX_UNITS


class Error(NamedTuple):
    """Largest absolute and relative error; the relative one over results that are normal numbers of the format, None
    where there are none."""

    max_abs: float
    max_rel: float | None


USUAL: Final[dict[str, tuple[float, float]]] = {
    "exp": (-1e3, 0.0),  # scores less their maximum
    "exp2": (-1e3, 0.0),
    "reciprocal": (1.0, 65504.0),  # sums of such exponentials
    "division": (1.0, 65504.0),
    "rsqrt": (2.0**-14, 65504.0),
    "rope": (-np.pi, np.pi),
}
"""Arguments that kernels give a function; of others every value from -128 to 128."""

ALL: Final = (-128.0, 128.0)

Pairs = tuple[tuple[str, MethodSpec], ...]
"""Methods by function."""

ROWS: Final = (16, 256)
DEVIATION: Final = 2.0
"""Seeded normal scores that softmax units are held to float64 on."""


@lru_cache(maxsize=64)
def softmax_error(unit: str, specs: Pairs, lanes: int) -> Error:
    """Error of the probabilities of a softmax unit over seeded normal scores."""
    x = np.random.default_rng(0).normal(0.0, DEVIATION, ROWS)
    e = np.exp(x - x.max(axis=1, keepdims=True))
    true = e / e.sum(axis=1, keepdims=True)
    apart = np.abs(SOFTMAX_UNITS[unit].probabilities(x, dict(specs), lanes) - true)
    return Error(float(apart.max()), float((apart / true).max()))


@lru_cache(maxsize=256)
def error(name: str, specs: Pairs, format_: str, low: float, high: float) -> Error:
    """Error of a unit's results, rounded to `format_`, over all of its values between low and high.

    Parameters
    ----------
    specs
        Methods of the function and of what it is made of.

    Raises
    ------
    ValueError
        If no value of the format lies there.
    """
    x = every(format_, low, high)
    if not x.size:
        raise ValueError(f"No value of {format_} lies between {low:g} and {high:g}.")
    of = FLOATS[format_]
    with np.errstate(over="ignore", divide="ignore", invalid="ignore", under="ignore"):
        true = np.asarray(ELEMENTS[name].value(x), dtype=np.float64)
        ours = rounded(evaluate(name, dict(specs), x), of)
    kept = np.abs(true) <= of.largest
    true, ours = true[kept], ours[kept]
    if not true.size:
        raise ValueError(f"{name} has no finite result in {format_} between {low:g} and {high:g}.")
    apart = np.abs(ours - true)
    normal = np.abs(true) >= of.normal
    relative = float((apart[normal] / np.abs(true[normal])).max()) if normal.any() else None
    return Error(float(apart.max()), relative)
