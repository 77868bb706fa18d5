"""Tensors of .safetensors files, those in formats that NumPy has not among them."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from bankside.arch.spec.errors import clip
from bankside.kernels.formats.codes import decode
from bankside.kernels.formats.known import FLOATS

SUFFIX: Final = ".safetensors"

_PLAIN: Final = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "<u1",
    "BOOL": "?",
}
_CODED: Final = {"BF16": ("<u2", "bf16"), "F8_E4M3": ("<u1", "fp8_e4m3"), "F8_E5M2": ("<u1", "fp8_e5m2")}
"""How codes are stored, and the format that they are codes of."""

_TOLD: Final = 5  # names in a sentence


def split(cell: str) -> tuple[Path, str]:
    """The file, and the name of one of its tensors, that a cell `FILE.safetensors:NAME` names; "" without a name."""
    head, mark, name = cell.partition(f"{SUFFIX}:")
    return (Path(head + SUFFIX), name) if mark else (Path(cell), "")


def load(path: Path, name: str, most: int) -> npt.NDArray[Any]:
    """The tensor `name` of a file, or its only one: mapped, or in fp32 where NumPy has not its format.

    Parameters
    ----------
    most
        Elements that are read at most.

    Raises
    ------
    ValueError
        With what is wrong: the file is cut off, there is no such tensor, it is too large or in another format.
    OSError
        Where the file cannot be opened.
    """
    try:
        # opening refuses a header that does not cover the file's bytes exactly
        with safe_open(path, framework="np"):
            pass
    except SafetensorError as error:
        raise ValueError(clip(str(error), 120)) from None
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    told = _wanted(list(header), name)
    kind, shape, begin = header[told]["dtype"], tuple(header[told]["shape"]), header[told]["data_offsets"][0]
    if kind not in _PLAIN and kind not in _CODED:
        raise ValueError(f"{clip(told)} is in {clip(kind)}; {', '.join([*_PLAIN, *_CODED])} are read")
    elements = int(np.prod(shape, dtype=object))
    if elements > most:
        raise ValueError(f"{clip(told)} has {elements} elements; {most} are the most")
    dtype = np.dtype(_PLAIN[kind] if kind in _PLAIN else _CODED[kind][0])
    if not elements:
        return np.empty(shape, dtype)
    stored = np.memmap(path, dtype, mode="r", offset=8 + size + begin, shape=shape)
    if kind in _PLAIN:
        return stored
    element = FLOATS[_CODED[kind][1]]
    # fp32 holds every number of these formats exactly
    numbers: npt.NDArray[np.float32] = decode(element, np.arange(1 << element.bits)).astype(np.float32)
    return np.asarray(numbers[stored])


def _wanted(names: list[str], name: str) -> str:
    """The name of the tensor that is meant."""
    told = ", ".join(clip(one) for one in names[:_TOLD]) + (", ..." if len(names) > _TOLD else "")
    if not names:
        raise ValueError("it holds no tensor")
    if name and name not in names:
        raise ValueError(f"it holds no tensor {clip(name)}, but {told}")
    if not name and len(names) > 1:
        raise ValueError(f"it holds {len(names)} tensors, {told}: name one, as FILE{SUFFIX}:{clip(names[0])}")
    return name or names[0]
