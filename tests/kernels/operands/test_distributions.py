"""Draws are what they are said to be."""

import numpy as np
import pytest

from bankside.kernels.operands.distributions import DISTRIBUTIONS, draw


@pytest.mark.parametrize("bits", [4, 8, 16])
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_numbers_fit_their_bits(name: str, bits: int) -> None:
    drawn = draw(name, (64, 256), bits, 0)
    most = (1 << bits) - 1 if name == "relu" else (1 << (bits - 1)) - 1
    assert drawn.max() <= most and drawn.min() >= (-(1 << (bits - 1)) if name == "uniform" else -most)
    assert (draw(name, (64, 256), bits, 0) == drawn).all()
    assert (draw(name, (64, 256), bits, 1) != drawn).any()


def test_statistics_are_the_stated_ones() -> None:
    relu = draw("relu", (512, 512), 8, 0)
    assert np.mean(relu == 0) == pytest.approx(0.9, abs=0.01)
    gaussian, laplace = (draw(name, (512, 512), 16, 0) / 32767 * 4 for name in ("gaussian", "laplace"))
    assert gaussian.std() == pytest.approx(1, abs=0.01) and laplace.std() == pytest.approx(0.99, abs=0.01)
    llm = draw("llm", (256, 1024), 8, 0)
    wide = np.abs(llm).max(axis=0)
    assert (wide > 60).sum() == 8 and np.abs(llm).max() == 127 and np.median(wide) < 10
    assert draw("uniform", (512, 512), 8, 0, signed=False).min() == 0
