"""Layer and RMS norm as a unit computes them: sums by trees over its lanes, a reciprocal root, and a product."""

import numpy as np

from bankside.arch.pe.nonlinear.datapath import arithmetic, evaluate
from bankside.arch.pe.nonlinear.elements import Float64s
from bankside.arch.pe.nonlinear.method import Specs
from bankside.arch.pe.nonlinear.rounding import Arithmetic, tree_sum

EPSILON = 1e-5


def rms_norm(x: Float64s, specs: Specs, lanes: int, epsilon: float = EPSILON) -> Float64s:
    """x / sqrt(mean x^2 + epsilon): float64[rows, n] -> float64[rows, n]."""
    unit = arithmetic(specs["rsqrt"])
    return _scaled(x, _mean(_squares(x, unit), unit, lanes), specs, epsilon)


def layer_norm(x: Float64s, specs: Specs, lanes: int, epsilon: float = EPSILON) -> Float64s:
    """(x - mean) / sqrt(variance + epsilon), both sums in one pass: the variance is the mean square less the squared
    mean, which cancels where the mean is large."""
    unit = arithmetic(specs["rsqrt"])
    mean = _mean(x, unit, lanes)
    square = _mean(_squares(x, unit), unit, lanes)
    variance = np.maximum(unit.fma(-mean, mean, square), 0.0)
    return _scaled(unit.round(x - mean), variance, specs, epsilon)


def _squares(x: Float64s, unit: Arithmetic) -> Float64s:
    return unit.fma(x, x, np.zeros(1))


def _mean(values: Float64s, unit: Arithmetic, lanes: int) -> Float64s:
    """Mean of each row: a tree over each vector of lanes, its sum added to that of the vectors before."""
    total = np.zeros((len(values), 1))
    for first in range(0, values.shape[1], lanes):
        total = unit.round(total + tree_sum(values[:, first : first + lanes], unit))
    return unit.fma(total, unit.round(np.array([1.0 / values.shape[1]])), np.zeros(1))


def _scaled(x: Float64s, square: Float64s, specs: Specs, epsilon: float) -> Float64s:
    unit = arithmetic(specs["rsqrt"])
    shifted = unit.round(square + epsilon)
    scale = unit.round(evaluate("rsqrt", specs, shifted.ravel()).reshape(shifted.shape))
    return unit.fma(x, scale, np.zeros(1))
