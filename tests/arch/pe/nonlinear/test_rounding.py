"""Rounding against numpy's own types and exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from tests.oracles import nonlinear_datapath as oracle

from bankside.arch.pe.nonlinear.rounding import FLOATS, every, fixed, floating, rounded, tree_sum


def numbers(seed: int, count: int = 20_000) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal(count) * np.exp2(rng.uniform(-30, 20, count))


def test_formats_round_as_numpy_does() -> None:
    x = np.concatenate([numbers(0), [0.0, 65519.9, 65520.0, -1e9, 2.0**-25, 3 * 2.0**-25, np.inf]])
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(rounded(x, FLOATS["fp16"]), x.astype(np.float16).astype(float))
        np.testing.assert_array_equal(rounded(x, FLOATS["fp32"]), x.astype(np.float32).astype(float))


def test_formats_know_their_ends() -> None:
    assert [FLOATS[name].largest for name in ("fp16", "bf16")] == [65504.0, float.fromhex("0x1.fep127")]
    assert FLOATS["fp16"].normal == 2.0**-14


@pytest.mark.parametrize("name", FLOATS)
def test_a_multiply_add_is_rounded_once(name: str) -> None:
    of = FLOATS[name]
    unit, exact = floating(name), oracle.to_float(of.significand, of.least)
    a, b, c = (rounded(np.remainder(numbers(seed, 300), 64.0) - 32.0, of) for seed in (1, 2, 3))
    near = rounded(-a * b * (1 + np.exp2(-of.significand)), of)  # sums that cancel, and ties
    for third in (c, near, c * 2.0**-40, np.exp2(-of.significand) * a * b):
        third = rounded(third, of)
        expected = [
            exact(Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z)))
            for x, y, z in zip(a, b, third, strict=True)
        ]
        assert [Fraction(float(each)) for each in unit.fma(a, b, third)] == expected


def test_fixed_point_rounds_half_up_or_cuts_off() -> None:
    x = np.array([0.375, 0.3125, -0.375, -0.3125])
    assert fixed(3, "nearest").round(x).tolist() == [0.375, 0.375, -0.375, -0.25]
    assert fixed(3, "truncate").round(x).tolist() == [0.375, 0.25, -0.375, -0.375]


def test_every_value_of_a_format_once() -> None:
    assert len(every("fp16", -1e9, 1e9)) == 2 * 31 * 1024 - 1
    assert len(every("bf16", -np.inf, np.inf)) == 2 * 255 * 128 - 1
    assert len(every("fp16", 1.0, 2.0)) == 1025


def test_a_tree_adds_neighbours_first() -> None:
    unit = floating("fp16")
    row = np.array([[2048.0, 1.0, 1.0, 1.0, 0.5]])
    assert tree_sum(row, unit)[0, 0] == 2050.0  # (2048 + (1 + 1)) + 1/2, ties to even twice
