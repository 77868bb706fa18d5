"""Bits of whole numbers."""

from collections.abc import Callable
from typing import Any, Final, cast

from bankside.arch.jit.folder import INTERPRETED
from bankside.arch.jit.later import Later


def _lowest(word: int) -> int:
    word = int(word)
    return (word & -word).bit_length() - 1


def _intrinsic() -> Any:
    from numba.cpython.unsafe.numbers import trailing_zeros

    return trailing_zeros


lowest: Final = _lowest if INTERPRETED else cast(Callable[[int], int], Later(_intrinsic))
"""Place of the lowest bit that is set, of a word that is not 0; one instruction where it is compiled."""
