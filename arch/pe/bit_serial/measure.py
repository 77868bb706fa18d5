"""A scheme on a tensor: cycles of all groups in their frame, and the bits that they take in memory."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.pe.bit_serial import queues
from bankside.arch.pe.bit_serial.encodings import highest, lowest
from bankside.arch.pe.bit_serial.frame import framed
from bankside.arch.pe.bit_serial.frame_spec import Frame
from bankside.arch.pe.bit_serial.scheme import NO_OTHER, Drawn, Int64s, Scheme, Setting

Integers = npt.NDArray[Any]

CHUNK: Final = 1 << 20
"""Elements that are widened to 64 bits at a time."""


class Measured(NamedTuple):
    """What a tensor takes.

    Attributes
    ----------
    work : int64[rows, groups of a row] [cycle]
    cycles
        Of all groups in their frame.
    bits : int64[rows, groups of a row] [bit]
        Of each group in memory.
    """

    work: Int64s
    cycles: int
    bits: Int64s

    @property
    def stored_bits(self) -> int:
        """Of all groups in memory [bit]."""
        return int(self.bits.sum())


def fault(values: Integers, bits: int) -> str:
    """Why values are none of `bits` bits; "" if they are."""
    least, most = int(values.min()), int(values.max())
    if least < lowest(bits) or most > highest(bits) or (least < 0 and most > -lowest(bits) - 1):
        return f"its values, from {least} to {most}, do not fit {bits} bits"
    return ""


def measure(
    scheme: Scheme,
    setting: Setting,
    values: Integers,
    other: Integers | None = None,
    frame: Frame | None = None,
) -> Measured:
    """A tensor [rows, columns] of whole numbers whose rows are whole groups, beside one of the same shape."""
    work = np.empty((values.shape[0], values.shape[1] // setting.group), dtype=np.int64)
    stored, at = np.empty_like(work), 0
    for drawn in pieces(setting, values, other):
        cycles = scheme.work(setting, drawn)
        work.reshape(-1)[at : at + cycles.size] = cycles
        stored.reshape(-1)[at : at + cycles.size] = scheme.stored_bits(setting, drawn)
        at += cycles.size
    found = frame or Frame()
    if scheme.name == "sparten":
        kept = np.count_nonzero(values, axis=1) if found.balance == "sorted" else None
        return Measured(work, queues.clustered(work.sum(axis=1), found.side, kept), stored)
    return Measured(work, framed(work, found), stored)


def pieces(setting: Setting, values: Integers, other: Integers | None = None) -> Iterator[Drawn]:
    """Runs of whole groups as kernels read them."""
    flat = np.ascontiguousarray(values).reshape(-1)
    second = None if other is None else np.ascontiguousarray(other).reshape(-1)
    step = max(1, CHUNK // setting.group) * setting.group
    for at in range(0, flat.size, step):
        places = flat[at : at + step].astype(np.int64) - lowest(setting.bits)
        beside = NO_OTHER
        if second is not None:
            beside = second[at : at + step].astype(np.int64) - lowest(setting.other_bits)
        yield Drawn(places, beside)
