"""Row-wise functions in plain numpy."""

import math

import numpy as np
import pytest

from bankside.kernels.operators import FUNCTIONS
from bankside.kernels.reference import rowwise
from bankside.kernels.reference.rowwise import _REFERENCES

X = np.random.default_rng(0).standard_normal((4, 6))
ONES, ZEROS = np.ones(6), np.zeros(6)


def test_there_is_one_for_every_function() -> None:
    assert set(_REFERENCES) == set(FUNCTIONS)


def test_softmax_rows_sum_to_one_and_do_not_depend_on_an_offset() -> None:
    np.testing.assert_allclose(rowwise("softmax", X).sum(axis=1), 1.0)
    np.testing.assert_allclose(rowwise("softmax", X + 1000.0), rowwise("softmax", X), atol=1e-12)


def test_norms_normalise() -> None:
    rms, layer = rowwise("rmsnorm", X, ONES), rowwise("layernorm", X, ONES, ZEROS)
    np.testing.assert_allclose((rms**2).mean(axis=1), 1.0, rtol=1e-4)
    np.testing.assert_allclose(layer.mean(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(layer.std(axis=1), 1.0, rtol=1e-3)
    np.testing.assert_allclose(rowwise("layernorm", X, 2 * ONES, ONES), 2 * layer + 1)


@pytest.mark.parametrize("x", [-3.0, -0.5, 0.0, 0.5, 3.0])
def test_activations_at_points(x: float) -> None:
    def at(name: str) -> float:
        return float(rowwise(name, np.array([[x]]))[0, 0])

    assert at("gelu") == pytest.approx(0.5 * x * (1 + math.erf(x / math.sqrt(2))), abs=1e-3)
    assert at("silu") == pytest.approx(x / (1 + math.exp(-x)))
    assert at("relu") == max(x, 0.0)
    gate = {"swiglu": "silu", "geglu": "gelu", "reglu": "relu"}
    for gated, plain in gate.items():
        assert rowwise(gated, np.array([[x]]), np.array([[3.0]]))[0, 0] == pytest.approx(3 * at(plain))


def test_rope_keeps_lengths_and_depends_on_distance_only() -> None:
    angles = np.outer(np.arange(4), [1.0, 0.1, 0.01])
    cos, sin = (np.concatenate([f(angles)] * 2, axis=1) for f in (np.cos, np.sin))
    same = np.tile(X[:1], (4, 1))
    turned = rowwise("rope", same, cos, sin)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), np.linalg.norm(same, axis=1))
    assert turned[0] @ turned[1] == pytest.approx(turned[2] @ turned[3])


def test_weighted_sum() -> None:
    parts, weights = np.stack([X, 2 * X]), np.array([[1.0] * 4, [0.5] * 4])
    np.testing.assert_allclose(rowwise("weighted_sum", parts, weights), 2 * X)
