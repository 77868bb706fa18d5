"""Softmax units by name: passes over a row, what they count for each element, and what they compute."""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import numpy as np

from bankside.arch.pe.nonlinear.cost import Datapath
from bankside.arch.pe.nonlinear.elements import LN2, Float64s
from bankside.arch.pe.nonlinear.method import Specs
from bankside.arch.pe.nonlinear.softmax import constant, floating, integer, logarithmic, softermax

Pace = Literal["exp", "quotient", "vector", "wide"]
"""How a pass goes over a row: a vector of lanes an interval of the exponential, or of that and of a reciprocal; one a
cycle, or four a cycle."""

Wait = Literal["exp", "reciprocal", "tree", "stage", "divide"]
"""What a row waits for between two passes."""

LOG2E: Final = 1.0 / LN2


class SoftmaxUnit(NamedTuple):
    """A softmax unit; what is stored between passes and how scores are quantised is its own.

    Attributes
    ----------
    passes
        Pace of each pass over a row.
    waits
        What a row waits for after each pass but the last; after the last, what its last result takes.
    tile
        Pace of each pass over new scores between two tiles of attention.
    rescales
        Whether the output of earlier tiles is then rescaled; `rescale_exp`, by an exponential.
    exps, steps
        Exponentials and other operations (comparison, subtraction, addition, multiplication) of an element.
    own
        What its own datapath does for an element, in units that are not made of exp and reciprocal.
    probabilities : (float64[rows, n], Specs, lanes) -> float64[rows, n]
    longest
        Elements of a row that its sum holds, where its makers say how many.
    """

    passes: tuple[Pace, ...]
    waits: tuple[tuple[Wait, ...], ...]
    tile: tuple[Pace, ...]
    rescales: bool
    rescale_exp: bool
    exps: int
    steps: int
    own: Datapath | None
    probabilities: Callable[[Float64s, Specs, int], Float64s]
    longest: int = 0


def _softermax(x: Float64s, specs: Specs, lanes: int) -> Float64s:
    return softermax.probabilities(softermax.scores_of(x * LOG2E), lanes) / float(1 << softermax.OUT_BITS)


def _ita(x: Float64s, specs: Specs, lanes: int) -> Float64s:
    return integer.probabilities(_words(x * LOG2E), lanes) / float(integer.ONE)


SOLE_FRACTION: Final = 4
"""Bits of fraction of its 8-bit scores (assumed)."""


def _sole(x: Float64s, specs: Specs, lanes: int) -> Float64s:
    scores = _words(x * (1 << SOLE_FRACTION))
    return logarithmic.probabilities(scores, SOLE_FRACTION, lanes) / float(1 << logarithmic.OUT_BITS)


CONSMAX_STEP: Final = 1 / 16
"""Of its 8-bit scores (assumed)."""


def _consmax(x: Float64s, specs: Specs, lanes: int) -> Float64s:
    scores = _words(x / CONSMAX_STEP)
    constant_ = constant.constant_for(np.asarray(scores * CONSMAX_STEP, dtype=np.float64))
    return constant.values(scores, CONSMAX_STEP, constant_)


def _words(x: Float64s) -> integer.Int64s:
    """8-bit integers, rounded half up, saturated."""
    return np.clip(np.floor(x + 0.5), -128, 127).astype(np.int64)


SOFTMAX_UNITS: Final[dict[str, SoftmaxUnit]] = {
    "three-pass": SoftmaxUnit(
        ("vector", "exp", "vector"),
        (("tree",), ("exp", "tree", "reciprocal"), ("stage",)),
        ("vector", "exp", "vector"),
        True,
        True,
        1,
        4,  # maximum, subtraction, addition, multiplication
        None,
        floating.three_pass,
    ),
    "recomputed": SoftmaxUnit(
        ("vector", "exp", "quotient"),
        (("tree",), ("exp", "tree"), ("exp", "reciprocal", "stage")),
        ("vector", "exp"),
        True,
        True,
        2,
        5,  # maximum, two subtractions, addition, multiplication
        None,
        floating.three_pass,
    ),
    "online": SoftmaxUnit(
        ("exp", "exp"),
        (("exp", "tree", "reciprocal"), ("exp", "stage")),
        ("vector", "exp"),
        True,
        True,
        2,
        5,  # maximum, two subtractions, addition, multiplication
        None,
        floating.online,
    ),
    "softermax": SoftmaxUnit(
        ("vector", "vector"),
        (("tree", "stage", "stage", "stage", "tree"), ("stage", "stage")),
        ("vector",),
        True,
        False,
        0,
        0,
        # comparison and subtraction of 8 bits, shift of 16, addition of 16; then shift of 16 and product 16 x 8
        Datapath(product_bit2=128.0, add_bit=64.0, read_bit=16.0, stored_bit=64.0),
        _softermax,
    ),
    "ita": SoftmaxUnit(
        ("vector", "wide"),
        (("stage", "stage", "stage", "divide"), ("stage",)),
        ("vector",),
        False,
        False,
        0,
        0,
        # comparison and subtraction of 8 bits, shift of 9, addition of 19; then subtraction and shift of 8
        Datapath(add_bit=60.0),
        _ita,
        integer.LONGEST_ROW,
    ),
    "sole": SoftmaxUnit(
        ("vector", "vector"),
        (("tree", "stage", "stage", "tree", "stage"), ("stage", "stage")),
        ("vector",),
        True,
        False,
        0,
        0,
        # comparison, subtraction and two additions of 8 bits, shift and addition of 16; then addition of 5, shift of 8
        Datapath(add_bit=77.0),
        _sole,
    ),
    "consmax": SoftmaxUnit(
        ("vector",),
        (("stage", "stage", "stage"),),
        ("vector",),
        False,
        False,
        0,
        0,
        # two tables of 16 fp16 values, two fp16 products
        Datapath(product_bit2=2 * 121.0, add_bit=2 * 16.0, read_bit=32.0, stored_bit=512.0),
        _consmax,
    ),
}
"""By name. Passes and operations: Milakov and Gimelshein, arXiv 1805.02867 (three-pass, online);
pytorch/pytorch@000cace aten/src/ATen/native/cuda/SoftMax.cu (recomputed: exponentials are not kept, and each is
divided); Stevens et al., DAC 2021 (softermax); Islamoglu et al., ISLPED 2023 (ita), whose probabilities are made as
the product with V takes them, beside the array; Wang et al., ICCAD 2023 (sole); Liu et al., ICCAD 2024 (consmax).
Stages of an operation: assumed."""
