"""BitMoD's cycles by width, and its terms against numpy's dot product."""

import numpy as np
import pytest
from tests.oracles.bitmod_pe import bitmod, latency
from tests.oracles.lane_groups import dot_products

FP4 = [0, 1, 2, 3, 4, 6, 8, 12, 10, 16]
"""Magnitudes of FP4 times two; the last two are BitMoD's specials 5 and 8."""

FP3 = [0, 2, 4, 8, 6, 12]
"""Of FP3 times two; specials 3 and 6."""


@pytest.mark.parametrize(
    ("bits", "cycles"), [(3, 2), (4, 2), (6, 3), (8, 4), (3.0625, 2), (4.0625, 2), (6.0625, 3), (5, 3)]
)
def test_cycles_of_a_dot_product(bits: float, cycles: int) -> None:
    assert latency(bits) == cycles


@pytest.mark.parametrize("bits", [2, 3, 4, 5, 6, 8])
def test_integers_in_booth_terms(bits: int) -> None:
    random = np.random.default_rng(bits)
    values = random.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (3, 128))
    other = random.integers(-500, 500, 128)
    served = bitmod(values.tolist(), other.tolist(), bits=bits)
    assert served.cycles == [[32 * latency(bits)]] * 3
    assert dot_products(served) == (values @ other).tolist()


@pytest.mark.parametrize(("bits", "points"), [(3, FP3), (4, FP4)])
def test_floating_points_in_two_terms(bits: int, points: list[int]) -> None:
    random = np.random.default_rng(bits)
    values = random.choice(points, (3, 128)) * random.choice([-1, 1], (3, 128))
    other = random.integers(-500, 500, 128)
    assert (
        dot_products(bitmod(values.tolist(), other.tolist(), bits=bits, encoding="naf"))
        == (values @ other).tolist()
    )


def test_a_weight_with_more_terms_than_cycles_is_refused() -> None:
    with pytest.raises(ValueError, match="more terms than the 2 cycles"):
        bitmod([[21, 0, 0, 0]], bits=4, group=4, encoding="naf")


def test_dequantisation_shows_in_small_groups_only() -> None:
    assert bitmod([[1] * 16], bits=4, group=16).cycles == [[8]]
    assert bitmod([[1] * 16], bits=4, group=8).cycles == [[8, 8]]
    assert bitmod([[1] * 16], bits=8, group=8).cycles == [[8, 8]]
    assert bitmod([[1] * 32], bits=4, group=32).cycles == [[16]]
