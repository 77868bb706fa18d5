"""Tensors that cases name: files of NumPy and of safetensors that hold numbers."""

from tokenize import TokenError
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.spec.errors import clip
from bankside.cases import safetensors_file
from bankside.cases.reader import Reader

UNREADABLE: Final = (
    OSError, ValueError, EOFError, SyntaxError, TypeError, OverflowError, RecursionError, MemoryError, TokenError,
)  # fmt: skip
"""What readers raise of files that are not sound; the header of a .npy is an expression of Python."""

MOST_ELEMENTS: Final = 1 << 28
"""Elements of a tensor; in double precision 2 GiB."""


def tensor(read: Reader, column: str, kinds: str = "biuf") -> npt.NDArray[Any] | None:
    """The array in the file that a cell names (W.npy, or W.safetensors:NAME); None, and a sentence, where it is not
    sound.

    Parameters
    ----------
    kinds
        Kinds of dtype that are taken: "b" truth values, "i" and "u" whole numbers, "f" floating point.
    """
    path, part = safetensors_file.split(read.text(column))
    name = clip(str(path), 200)
    try:
        if path.suffix == ".npy":
            # mapped, so that a file's size is known before any of it is read, and pickled objects never are
            with np.errstate(over="ignore"):  # sizes beyond 64 bits, which are refused
                array = np.load(path, mmap_mode="r", allow_pickle=False)
        elif path.suffix == safetensors_file.SUFFIX:
            array = safetensors_file.load(path, part, MOST_ELEMENTS)
        else:
            read.complain(f"{column} must be a .npy or .safetensors file, not '{name}'.", column)
            return None
    except FileNotFoundError:
        read.complain(f"{name}: there is no such file.", column)
        return None
    except UNREADABLE as error:
        read.complain(f"{name}: it cannot be read as an array of numbers: {_why(error)}.", column)
        return None
    if fault := _fault(array, kinds):
        read.complain(f"{name}: {fault}.", column)
        return None
    return np.asarray(array)


def _fault(array: npt.NDArray[Any], kinds: str) -> str:
    if array.dtype.kind not in kinds:
        wanted = {"b": "truth values", "i": "whole numbers", "f": "floating-point numbers"}
        told = " or ".join(text for kind, text in wanted.items() if kind in kinds)
        return f"its elements are {array.dtype}, not {told}"
    if array.size == 0:
        return "it has no elements"
    if array.size > MOST_ELEMENTS:
        return f"it has {array.size} elements; {MOST_ELEMENTS} are the most"
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return "it has infinities or NaN"
    return ""


def _why(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return (
        "pickled objects are not taken" if "pickle" in text or "Python objects" in text else clip(text, 120)
    )
