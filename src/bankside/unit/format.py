"""Unit `format`: what a tensor takes in a number format, and what it loses."""

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.spec import ConfigError
from bankside.cases.format_names import translated
from bankside.cases.reader import Case, Reader, refuse
from bankside.cases.tensors import tensor
from bankside.kernels.formats import FORMATS, Format
from bankside.kernels.formats.own import find
from bankside.kernels.formats.quantise import dequantise, quantise, sqnr_db

_BLOCK: Final = re.compile(r"_(channel|tensor|g\d+)$")

COLUMNS: Final = {
    "format": "a format's name, a table's words for it (INT4 symmetric g128), or the YAML file of one's own",
    "block": "elements to a scale, consecutive ones of the last axis; channel for a row of it, tensor or - for all "
    "(default: what the format's name says)",
    "symmetric": "whole numbers: true for equal ends, false for a zero point (default: what the name says)",
    "tensor": "the values: W.npy, or W.safetensors:NAME (default: a normal distribution)",
    "elements": "without a tensor: how many values, one row of them (default 1048576)",
    "seed": "without a tensor: seed of NumPy's generator (default 0)",
}


def run_case(case: Case) -> dict[str, Any]:
    """Result columns of one case.

    Returns
    -------
    dict
        bits_per_element (scales of blocks and rows included, one of the whole tensor not), stored_bytes, sqnr_db
        (empty where nothing is lost), max_abs_err, max_value, min_normal, min_subnormal of an element (min_subnormal
        empty where there is none).

    Raises
    ------
    ConfigError
        One sentence for each cell that is wrong.
    """
    errors: list[str] = []
    read = Reader(case, errors)
    format = _format(read)
    values = tensor(read, "tensor", "iuf") if read.text("tensor") else _drawn(read)
    refuse(errors)
    assert format is not None and values is not None and format.element is not None
    restored = dequantise(quantise(format, values))
    if not np.isfinite(restored).all():
        most, largest = format.element.maximum, np.abs(values).max()
        raise ConfigError(f"A value of {largest:.3g} is beyond {format.name}, whose largest is {most:.3g}.")
    lost = sqnr_db(values, restored)
    element = format.element
    bits = format.bits_of(values.size, values.shape[-1] if values.ndim else 1)
    return {
        "bits_per_element": format.bits if format.block else float(bits / values.size),
        "stored_bytes": int(-(-bits // 8)),
        "sqnr_db": lost if np.isfinite(lost) else "",
        "max_abs_err": float(np.abs(np.asarray(values, dtype=np.float64) - restored).max()),
        "max_value": element.maximum,
        "min_normal": element.least_normal,
        "min_subnormal": element.least if element.least != element.least_normal else "",
    }


def _drawn(read: Reader) -> npt.NDArray[np.float64]:
    elements, seed = read.whole("elements", 1, 1 << 28, 1 << 20), read.whole("seed", 0, 1 << 62, 0)
    return np.random.default_rng(seed).standard_normal(1 if read.errors else elements)


def _format(read: Reader) -> Format | None:
    """The format that the cells format, block and symmetric name together."""
    text = read.text("format")
    if not text:
        read.complain("format is missing.", "format")
        return None
    name = _blocked(read, _symmetric(read, translated(text)))
    try:
        return find(name)
    except ConfigError as error:
        for sentence in error.errors:
            read.complain(sentence, "format")
        return None


def _symmetric(read: Reader, name: str) -> str:
    word = read.text("symmetric")
    if not word or word == "-":
        return name
    whole, symmetric = name.startswith("int"), read.flag("symmetric", True)
    if symmetric and "_asym" in name:
        return name.replace("_asym", "")
    if not symmetric and "_asym" not in name:
        if not whole:
            read.complain(f"symmetric: {name} has no zero point; only whole numbers have.", "symmetric")
            return name
        head, _, rest = name.partition("_")
        return f"{head}_asym" + (f"_{rest}" if rest else "")
    return name


def _blocked(read: Reader, name: str) -> str:
    """`name` with the block of the cell; formats whose block is fixed keep it, and refuse another."""
    word = read.text("block").lower()
    if word in ("", "-", "none"):
        return name
    head = _BLOCK.sub("", name)
    if word == "tensor":
        wanted = f"{head}_tensor" if f"{head}_tensor" in FORMATS else head
    elif word == "channel":
        wanted = f"{head}_channel"
    else:
        wanted = f"{head}_g{read.whole('block', 1, 1 << 20)}"
    own = FORMATS.get(name)
    if wanted in FORMATS:
        return wanted
    if own is None or str(own.block) != word:
        read.complain(f"block: {name} has no blocks of {word}.", "block")
    return name
