"""CORDIC against constants of Walther 1971 and words in Python integers."""

from fractions import Fraction

import numpy as np
import pytest
from tests.oracles.nonlinear_datapath import cordic_divide, cordic_exp

from bankside.arch.pe.nonlinear import cordic


def test_shifts_repeat_where_the_rest_would_not_be_reached() -> None:
    assert cordic.shifts("hyperbolic", 17) == (1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 13, 14, 15)
    assert cordic.shifts("circular", 3) == (0, 1, 2)
    assert cordic.shifts("linear", 3) == (1, 2, 3)


def test_gains_and_reaches() -> None:
    assert cordic.gain("hyperbolic") == pytest.approx(0.828159, abs=1e-6)
    assert cordic.reach("hyperbolic") == pytest.approx(1.118173, abs=1e-6)
    assert cordic.gain("circular") == pytest.approx(1.64676, abs=1e-5)
    assert cordic.reach("circular") == pytest.approx(1.74329, abs=1e-5)


@pytest.mark.parametrize("iterations", [4, 6, 10, 14])
def test_the_error_of_an_exponential_is_reached_and_not_passed(iterations: int) -> None:
    bits = 58
    z = np.linspace(-0.6931, 0.6931, 200_001)
    start = np.full(z.shape, round(2.0**bits / cordic.gain("hyperbolic", iterations)), dtype=np.int64)
    words = np.rint(np.ldexp(z, bits)).astype(np.int64)
    cosh, sinh = cordic.turned("hyperbolic", iterations, start, np.zeros_like(start), words, bits)
    worst = np.abs(np.ldexp((cosh + sinh).astype(float), -bits) / np.exp(z) - 1).max()
    assert 0.99 * cordic.exp_error(iterations) < worst <= cordic.exp_error(iterations) * (1 + 1e-9)


@pytest.mark.parametrize("bits", [16, 29])
def test_words_equal_the_oracle(bits: int) -> None:
    rng = np.random.default_rng(0)
    z = rng.uniform(-0.7, 0.7, 50)
    words = np.rint(np.ldexp(z, bits)).astype(np.int64)
    gain = cordic.gain("hyperbolic", 15)
    start = np.full(50, round(2.0**bits / gain), dtype=np.int64)
    cosh, sinh = cordic.turned("hyperbolic", 15, start, np.zeros_like(start), words, bits)
    shifts = (1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 13)
    expected = [cordic_exp(Fraction(each), shifts, gain, bits) for each in z.tolist()]
    assert [Fraction(int(c + s), 2**bits) for c, s in zip(cosh, sinh, strict=True)] == expected
    divisors = rng.integers(1 << bits, 2 << bits, 50)
    dividends = rng.integers(0, 1 << bits, 50)
    ours = cordic.divided(15, dividends, divisors, bits).tolist()
    pairs = zip(dividends.tolist(), divisors.tolist(), strict=True)
    assert ours == [cordic_divide(a, b, 15, bits) for a, b in pairs]


def test_roots_come_out_of_hyperbolic_vectors() -> None:
    values = np.linspace(0.25, 0.999, 1000)
    for bits in (28, 40):
        root = cordic.root(24, np.rint(np.ldexp(values, bits)).astype(np.int64), bits)
        np.testing.assert_allclose(np.ldexp(root.astype(float), -bits), np.sqrt(values), atol=2e-7)
