"""What the values of weights decide on an array of elements: cycles of a round of groups, and bits in memory."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from bankside.arch.pe.bit_serial.frame import framed
from bankside.arch.pe.bit_serial.frame_spec import Frame
from bankside.arch.pe.bit_serial.measure import measure
from bankside.arch.pe.bit_serial.queues import RUN_BITS, clustered, eie_cycles, eie_entries
from bankside.arch.pe.bit_serial.scheme import Int64s, Scheme, Setting
from bankside.arch.pe.regions import Regions
from bankside.arch.pe.unit import Decided, Moving

LEAST: Final = 1
"""Cycles of a group that has nothing to process."""


class Array(Protocol):
    """Elements in rows and columns, see `unit.BitSerial`."""

    @property
    def scheme(self) -> str: ...

    @property
    def found(self) -> Scheme: ...

    @property
    def rows(self) -> int: ...

    @property
    def queue(self) -> int: ...

    @property
    def lanes(self) -> int: ...

    @property
    def reads(self) -> bool: ...

    def setting(self, bits: int, moving_bits: int) -> Setting: ...

    def vectors(self, moving: Moving) -> Sequence[npt.NDArray[Any] | None]: ...

    def frame(self) -> Frame: ...

    def side_by_side(self, work: Int64s) -> Int64s: ...

    def slowest(self, work: Int64s) -> Int64s: ...


def decided(unit: Array, values: npt.NDArray[Any], bits: int, digest: str, moving: Moving) -> Decided:
    """Means of weights int[outputs, depth] of `bits` bits; with a digest of them also of each part.

    Where vectors decide too, those side by side start together, and the mean is one over vectors.
    """
    if unit.scheme == "eie":
        return _queued(unit, values, bits, digest, moving)
    if not unit.reads:
        values = values[:1, : unit.lanes]  # every group is like the first
    works = []
    for vector in unit.vectors(moving):
        beside = None if vector is None else np.broadcast_to(vector, values.shape)
        found = measure(unit.found, unit.setting(bits, moving.bits), values, beside)
        works.append(np.maximum(LEAST, found.work, out=found.work))
    slowest = works[0] if len(works) == 1 else np.maximum.reduce(works)
    stored = np.full_like(found.bits, unit.lanes * bits) if unit.scheme == "anda" else found.bits
    own = works[0] if len(works) == 1 else np.mean(works, axis=0)
    frame = unit.frame()
    if unit.scheme == "sparten":
        cycles = clustered(slowest.sum(axis=1), frame.side)
        rounds = -(-len(slowest) // frame.side) * slowest.shape[1]
    else:
        along = unit.side_by_side(slowest)
        cycles, rounds = framed(along, frame), _rounds(along, frame)
    round_cycle, regions = cycles / rounds, None
    if digest and unit.reads:
        regions = _regions(unit, digest, round_cycle, (slowest, own, stored))
    return Decided(round_cycle, float(own.mean()), int(stored.sum()) / values.size, regions)


def _rounds(along: Int64s, frame: Frame) -> int:
    """Rounds in which groups run side by side."""
    blocks = -(-len(along) // frame.side) if len(along) > 1 else -(-along.size // frame.side)
    return blocks * (along.shape[1] if len(along) > 1 else 1)


def _regions(
    unit: Array, digest: str, round_cycle: float, each: tuple[Int64s, npt.NDArray[Any], Int64s]
) -> Regions:
    """The same of each part: of lanes that run ahead, what they save is alike everywhere."""
    slowest = unit.slowest(each[0]).astype(np.float64)
    slowest *= round_cycle / slowest.mean()
    return Regions.of(digest, unit.lanes, np.stack([slowest, *each[1:]]))


def _queued(unit: Array, values: npt.NDArray[Any], bits: int, digest: str, moving: Moving) -> Decided:
    """Elements that own interleaved outputs, and whose queues even out what each has of an input (EIE)."""
    assert moving.values is not None
    kept, active = values != 0, moving.values[0] != 0
    entries = eie_entries(kept, unit.rows)
    rounds = -(-len(values) // unit.rows) * values.shape[1]
    round_cycle = eie_cycles(kept, active, unit.rows, unit.queue) / rounds
    stored_bit = int(entries.sum()) * (bits + RUN_BITS) / values.size
    lane_cycle = int(entries[active].sum()) / values.size
    regions = None
    if digest:
        share = kept / max(1, int(kept.sum())) * values.size
        taken = kept * active
        taken = taken / max(1, int(taken.sum())) * values.size
        regions = Regions.of(
            digest, 1, np.stack([taken * round_cycle, taken * lane_cycle, share * stored_bit])
        )
    return Decided(round_cycle, lane_cycle, stored_bit, regions)
