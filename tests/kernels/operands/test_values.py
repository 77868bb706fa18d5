"""Values of weights as numbers of steps that formats store."""

import numpy as np

from bankside.kernels.formats import FORMATS
from bankside.kernels.operands.values import Values, distribution, sample, whole_numbers


def test_floating_point_weights_are_rounded_as_the_format_does() -> None:
    weights = np.random.default_rng(0).standard_normal((4, 256))
    numbers = whole_numbers(weights, FORMATS["int8_channel"])
    largest = np.abs(weights).max(axis=1, keepdims=True)
    assert np.abs(numbers - weights / largest * 127).max() < 0.56
    assert (np.abs(numbers).max(axis=1) == 127).all()
    whole = np.arange(8, dtype=np.int8).reshape(2, 4)
    assert whole_numbers(whole, FORMATS["int8"]) is whole


def test_distributions_are_named_with_a_seed() -> None:
    found = distribution("x", "laplace:3")
    assert found == Values("x", "laplace", 3) and distribution("x", "laplace:x") is None
    assert distribution("x", "w.npy") is None and found is not None
    assert sample(found, 64, 4096, 8).shape == (64, 4096)
    assert "seed 3, the largest number at 4 standard deviations" in found.told()
