"""Softmax units against one score at a time, and against float64 on random and adversarial rows."""

import math
from functools import cache

import numpy as np
import pytest
from tests.oracles import softmax_units as oracle
from tests.oracles.rounded_norms import layer_norm, rms_norm

from bankside.arch.pe.nonlinear.elements import ELEMENTS
from bankside.arch.pe.nonlinear.fit.pieces import Request, fitted
from bankside.arch.pe.nonlinear.method import MethodSpec
from bankside.arch.pe.nonlinear.softmax import constant, logarithmic, softermax
from bankside.arch.pe.nonlinear.softmax.units import SOFTMAX_UNITS

EXACT = dict.fromkeys(ELEMENTS, MethodSpec(method="exact"))
PWL = dict.fromkeys(ELEMENTS, MethodSpec(method="pwl", segments=16))


def integers(low: int, high: int) -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    huge = np.full((1, 70), low)
    huge[0, 33] = high
    random = [rng.integers(low, high + 1, (6, n)) for n in (1, 16, 17, 300)]
    return [*random, np.full((1, 90), 3), huge, np.arange(low, high + 1)[None, :]]


def test_softermax_equals_the_oracle() -> None:
    pieces = fitted(Request("reciprocal", 1.0, 2.0, 4, 1))
    lines = [
        (float(low), float(c[0]), float(c[1]))
        for low, c in zip(pieces.bounds, pieces.coefficients, strict=False)
    ]
    for scores in integers(-128, 127):
        expected = [oracle.softermax(row, 16, lines) for row in scores.tolist()]
        assert softermax.probabilities(scores, 16).tolist() == expected


def test_softermax_holds_the_published_words() -> None:
    assert softermax.fractions().tolist() == [32768, 38968, 46341, 55109]
    assert softermax.scores_of(np.array([100.0, -100.0, 0.125])).tolist() == [127, -128, 1]
    assert softermax.probabilities(np.array([[8]]), 16).tolist() == [[127]]


def test_sole_equals_the_oracle() -> None:
    for scores in integers(-128, 127):
        for fraction in (3, 4):
            expected = [oracle.sole(row, fraction, 16) for row in scores.tolist()]
            assert logarithmic.probabilities(scores, fraction, 16).tolist() == expected


def test_consmax_is_a_product_of_two_tables() -> None:
    scores = np.arange(-128, 128)[None, :]
    values = constant.values(scores, 1 / 16, 0.01)
    np.testing.assert_allclose(values, 0.01 * np.exp(scores / 16), rtol=2e-3, atol=5e-8)
    with np.errstate(over="ignore"):
        assert (values == values.astype(np.float16)).all()


def true(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def lanes(x: np.ndarray) -> int:
    return 16 if x.shape[1] < 1000 else 1024


@cache
def adversarial() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(11)
    huge = np.zeros((1, 512))
    huge[0, 100] = 30.0
    return {
        "random": rng.normal(0.0, 2.0, (8, 512)),
        "equal": np.full((2, 300), 1.5),
        "huge": huge,
        "alone": np.array([[-3.0]]),
        "rising": np.linspace(-8.0, 8.0, 257)[None, :],
        "falling": np.linspace(8.0, -8.0, 257)[None, :],
        "long": rng.normal(0.0, 1.0, (1, 131_072)),
    }


# integer units: scores are rounded (of ITA to whole powers of two), which scales each exponential by up to a root
BOUND = {"three-pass": 3e-4, "recomputed": 3e-4, "online": 3e-4, "softermax": 0.1, "ita": 0.35, "sole": 0.2}


@pytest.mark.parametrize("rows", adversarial())
@pytest.mark.parametrize("unit", BOUND)
def test_probabilities_are_those_of_float64_within_the_unit(unit: str, rows: str) -> None:
    x = adversarial()[rows]
    apart = np.abs(SOFTMAX_UNITS[unit].probabilities(x, PWL, lanes(x)) - true(x)).max()
    assert apart <= BOUND[unit]


@pytest.mark.parametrize("unit", ["three-pass", "recomputed", "online"])
def test_floating_units_are_as_good_as_their_exponential(unit: str) -> None:
    for x in adversarial().values():
        ours = SOFTMAX_UNITS[unit].probabilities(x, EXACT, lanes(x))
        np.testing.assert_allclose(ours, true(x), rtol=2e-6, atol=1e-300)
        np.testing.assert_allclose(SOFTMAX_UNITS[unit].probabilities(x, PWL, lanes(x)), true(x), rtol=2e-3)


def test_consmax_needs_no_row_to_be_whole() -> None:
    x = np.random.default_rng(2).normal(0.0, 1.0, (64, 128))
    whole = SOFTMAX_UNITS["consmax"].probabilities(x, PWL, 16)
    assert whole.sum(axis=1).mean() == pytest.approx(1.0, rel=0.01)
    assert whole.sum(axis=1).std() > 0.01


def test_norms_are_those_of_float64() -> None:
    x = np.random.default_rng(4).normal(0.5, 3.0, (16, 1000))
    square = (x * x).mean(axis=1, keepdims=True)
    centred = x - x.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1, keepdims=True)
    for specs, rtol in ((EXACT, 3e-6), (PWL, 2e-3)):
        np.testing.assert_allclose(rms_norm(x, specs, 16, 1e-5), x / np.sqrt(square + 1e-5), rtol=rtol)
        ours = layer_norm(x, specs, 16, 1e-5)
        np.testing.assert_allclose(ours, centred / np.sqrt(variance + 1e-5), rtol=rtol, atol=1e-5)


def test_a_large_mean_costs_a_layer_norm_its_variance() -> None:
    x = 1e4 + np.random.default_rng(6).normal(0.0, 1.0, (1, 256))
    centred = x - x.mean()
    error = np.abs(layer_norm(x, EXACT, 16) - centred / math.sqrt((centred**2).mean())).max()
    assert error > 0.1
