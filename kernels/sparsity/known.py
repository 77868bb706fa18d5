"""Encodings by name."""

from typing import Final

from bankside.kernels.sparsity.encoding import Encoding
from bankside.kernels.sparsity.flat import Bitmap, Dense, RunLength, TwoLevel
from bankside.kernels.sparsity.groups import NmBitmap, NmIndex, NmRank
from bankside.kernels.sparsity.lists import Coo, Csc, Csr

GROUPED: Final = {each.name: each for each in (NmIndex, NmBitmap, NmRank)}
PLAIN: Final = {each.name: each for each in (Dense, Bitmap, Csr, Csc, Coo)}
NAMES: Final = (
    "dense",
    "bitmap",
    "nm-index",
    "nm-bitmap",
    "nm-rank",
    "csr",
    "csc",
    "coo",
    "rle",
    "two-level",
)


def encoding(name: str, nm: tuple[int, int] = (2, 4), run_bits: int = 4, block: int = 16) -> Encoding:
    """The encoding of a name, with N and M, bits of a run, or elements of a block where it has them."""
    if name in GROUPED:
        return GROUPED[name](*nm)
    if name == "rle":
        return RunLength(run_bits)
    if name == "two-level":
        return TwoLevel(block)
    return PLAIN[name]()
