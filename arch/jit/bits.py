"""Bits of whole numbers."""

from collections.abc import Callable
from typing import Any, Final

from bankside.arch.jit.kernels import INTERPRETED


def _lowest(word: int) -> int:
    word = int(word)
    return (word & -word).bit_length() - 1


def _intrinsic() -> Any:
    from numba.cpython.unsafe.numbers import trailing_zeros

    return trailing_zeros


lowest: Final[Callable[[int], int]] = _lowest if INTERPRETED else _intrinsic()
"""Place of the lowest bit that is set, of a word that is not 0; one instruction where it is compiled."""
