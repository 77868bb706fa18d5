"""Power traces (.ptrace): a line of names, then a line of powers [W] for every interval; temperatures come alike."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bankside.arch.spec.errors import clip
from bankside.text_files import read_text

Floats = npt.NDArray[np.float64]
ZERO_CELSIUS_K = 273.15


def read_trace(path: Path, errors: list[str]) -> tuple[list[str], Floats]:
    """Names, and float64[intervals, names] of powers [W]."""
    lines = [(n, line.split()) for n, line in enumerate(read_text(path).split("\n"), 1) if line.split()]
    if not lines:
        errors.append(f"{path}: the trace is empty; its first line names the blocks.")
        return [], np.zeros((1, 0))
    (first, names), *body = lines
    for name in sorted({name for name in names if names.count(name) > 1}):
        errors.append(f"{path}:{first}: the block {name} is named twice.")
    rows = []
    for number, words in body:
        if len(words) != len(names):
            errors.append(f"{path}:{number}: the line has {len(words)} powers for {len(names)} blocks.")
            continue
        row = []
        for name, word in zip(names, words, strict=True):
            try:
                row.append(float(word))
            except ValueError:
                errors.append(f"{path}:{number}: the power of {name} must be a number, not {clip(word)!r}.")
                row.append(0.0)
            if not (row[-1] >= 0 and np.isfinite(row[-1])):
                errors.append(f"{path}:{number}: the power of {name} must be at least 0 W, not {clip(word)}.")
        rows.append(row)
    if not body:
        errors.append(f"{path}: the trace names blocks and gives no powers.")
    return names, np.array(rows or [[0.0] * len(names)])


def trace_text(powers: Mapping[str, float]) -> str:
    """A trace of one interval."""
    return "\t".join(powers) + "\n" + "\t".join(repr(float(power)) for power in powers.values()) + "\n"


def temperatures_text(names: Sequence[str], kelvin: Floats) -> str:
    """A trace of temperatures as HotSpot writes it, float64[intervals, names] in [K]: degC with two digits."""
    rows = ("\t".join(f"{value - ZERO_CELSIUS_K:.2f}" for value in row) for row in kelvin)
    return "\t".join(names) + "\n" + "".join(f"{row}\n" for row in rows)
