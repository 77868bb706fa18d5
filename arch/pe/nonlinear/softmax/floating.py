"""Softmax from exponentials and a reciprocal: safe in three passes, online in two."""

from collections.abc import Callable

import numpy as np

from bankside.arch.pe.nonlinear.datapath import arithmetic, evaluate
from bankside.arch.pe.nonlinear.elements import Float64s
from bankside.arch.pe.nonlinear.method import Specs
from bankside.arch.pe.nonlinear.rounding import tree_sum

Exp = Callable[[Float64s], Float64s]

LOWEST = -1e30
"""In place of the maximum of no scores."""


def three_pass(scores: Float64s, specs: Specs, lanes: int) -> Float64s:
    """Maximum; exponentials and their sum; each times the reciprocal: float64[rows, n] -> float64[rows, n]."""
    unit, exp = arithmetic(specs["exp"]), _exp(specs)
    top = scores.max(axis=1, keepdims=True)
    e = exp(scores - top)
    total = np.zeros((len(scores), 1))
    for first in range(0, scores.shape[1], lanes):
        total = unit.round(total + tree_sum(e[:, first : first + lanes], unit))
    return _times(e, total, specs)


def online(scores: Float64s, specs: Specs, lanes: int) -> Float64s:
    """Maximum and sum in one pass, the sum rescaled where the maximum grows (elsewhere it stays: an approximate e^0 is
    not one); then exponentials over it (Milakov and Gimelshein, arXiv 1805.02867), `lanes` scores at a time."""
    unit, exp = arithmetic(specs["exp"]), _exp(specs)
    top = np.full((len(scores), 1), -np.inf)
    total = np.zeros_like(top)
    for first in range(0, scores.shape[1], lanes):
        part = scores[:, first : first + lanes]
        grown = np.maximum(top, part.max(axis=1, keepdims=True))
        past = np.ones_like(top)
        higher = grown > top
        past[higher] = exp(np.maximum(top[higher] - grown[higher], LOWEST))
        added = tree_sum(exp(part - grown), unit)
        total = unit.fma(total, past, added)
        top = grown
    return _times(exp(scores - top), total, specs)


def _exp(specs: Specs) -> Exp:
    unit = arithmetic(specs["exp"])
    return lambda x: unit.round(evaluate("exp", specs, x))


def _times(e: Float64s, total: Float64s, specs: Specs) -> Float64s:
    unit = arithmetic(specs["exp"])
    share = unit.round(evaluate("reciprocal", specs, total))
    return unit.fma(e, share, np.zeros(1))
