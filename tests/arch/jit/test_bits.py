"""Bits of words, compiled and not."""

import numpy as np
import pytest

from bankside.arch.jit import kernel, lowest
from bankside.arch.jit.bits import _lowest


@kernel
def place(word: int) -> int:
    """Of the lowest bit."""
    return int(lowest(word))


@pytest.mark.parametrize("word", [1, 2, 12, 1 << 40, (1 << 62) + (1 << 61), -(1 << 5)])
def test_lowest_bit(word):
    bits = np.binary_repr(word, 64)
    assert place(word) == _lowest(word) == len(bits) - 1 - bits.rindex("1")
