"""The tile-operation ISA: a program is a struct of arrays, one entry per tile operation.

An operation either occupies its unit for a fixed time that lowering knows (systolic tile, softmax tile, network
transfer) or is a memory stream whose time the channel's bank state decides. Operations name the operations they
wait for; there is no other control flow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import N_CAUSE
from bankside.arch.spec import ConfigError

Int64s = npt.NDArray[np.int64]

FIXED, STREAM = 0, 1
LATEST_FS = 1 << 62
"""Latest time of a run [fs], 77 minutes: whatever starts by then and is no longer than `LONGEST_FS` ends in int64."""

LONGEST_FS = 1 << 60
"""Longest operation [fs]: what a fixed one may cost of one cause, and what the pace of a stream may take in all."""

COSTS = 3  # a fixed operation splits its time into at most this many causes


class UnitKind(IntEnum):
    """How a unit serves: one operation at a time, a DRAM or flash channel, or a pure delay that never queues."""

    SERVER = 0
    CHANNEL = 1
    DELAY = 2
    FLASH = 3


class RunTooLongError(ConfigError):
    """A run whose femtoseconds cannot be counted in 64 bits."""


@dataclass(frozen=True)
class Stream:
    """A memory stream on one channel.

    kind is one of arch.dram.stream's kinds; first and stride count bursts in the channel's address space, count is
    the number of bursts (column commands for PIM kinds), min_gap the slots that the consumer needs per column.
    """

    kind: int
    first: int
    count: int
    stride: int = 1
    min_gap: int = 0


@dataclass(frozen=True)
class Program:
    """Operations and units as arrays; n operations, u units, s streams.

    unit, kind, label: int64[n]; cost_fs, cost_cause: int64[n, COSTS]; stream: int64[n] (row of `streams`, -1 for
    fixed operations); streams: int64[s, 5] = kind, first, stride, count, min_gap; dep_start: int64[n + 1] and dep:
    int64[...] (CSR: the operations that operation i waits for); unit_kind, unit_period_fs, unit_channel: int64[u].
    """

    unit: Int64s
    kind: Int64s
    label: Int64s
    cost_fs: Int64s
    cost_cause: Int64s
    stream: Int64s
    streams: Int64s
    dep_start: Int64s
    dep: Int64s
    unit_kind: Int64s
    unit_period_fs: Int64s
    unit_channel: Int64s
    labels: tuple[str, ...]
    unit_names: tuple[str, ...]

    @property
    def n_ops(self) -> int:
        """Number of operations."""
        return len(self.unit)


@dataclass(frozen=True)
class Block:
    """Many operations of one label at once, as arrays; n operations, s streams.

    unit: int64[n]; cost_cause, cost_cycle: int64[n, COSTS] (cycles of the unit's clock); stream: int64[n] (row of
    this block's `streams`, -1 for fixed operations); streams: int64[s, 5] as in Program; dep_start: int64[n + 1] and
    dep: int64[...]: CSR of the operations waited for, numbered as the builder numbers them.
    """

    unit: Int64s
    cost_cause: Int64s
    cost_cycle: Int64s
    stream: Int64s
    streams: Int64s
    dep_start: Int64s
    dep: Int64s


class ProgramBuilder:
    """Collects units, labels and operations and freezes them into a Program."""

    def __init__(self) -> None:
        self._unit_names: list[str] = []
        self._unit_kind: list[int] = []
        self._unit_period_fs: list[int] = []
        self._unit_channel: list[int] = []
        self._labels: list[str] = []
        self._unit: list[int] = []
        self._label: list[int] = []
        self._cost_fs: list[tuple[int, ...]] = []
        self._cost_cause: list[tuple[int, ...]] = []
        self._stream: list[int] = []
        self._streams: list[tuple[int, int, int, int, int]] = []
        self._deps: list[Sequence[int]] = []
        self._parts: list[_Part] = []
        self._n_ops = 0
        self._n_streams = 0

    @property
    def n_ops(self) -> int:
        """Operations so far, which is the number of the next one."""
        return self._n_ops

    def unit(self, name: str, period_fs: int, kind: UnitKind = UnitKind.SERVER, channel: int = -1) -> int:
        """Declare a unit with its clock period [fs]; a CHANNEL or FLASH unit names the state it uses."""
        if period_fs < 1:
            raise ValueError(f"The clock period of unit {name} must be at least 1 fs, not {period_fs}.")
        self._unit_names.append(name)
        self._unit_kind.append(int(kind))
        self._unit_period_fs.append(period_fs)
        self._unit_channel.append(channel)
        return len(self._unit_names) - 1

    def label(self, text: str) -> int:
        """Number of a report label, one for each kernel operator."""
        self._labels.append(text)
        return len(self._labels) - 1

    def fixed(self, unit: int, label: int, costs: Sequence[tuple[int, int]], deps: Sequence[int]) -> int:
        """An operation of known cost; `costs` = up to three (cause, cycles of the unit's clock)."""
        if len(costs) > COSTS:
            raise ValueError(f"An operation splits its time into at most {COSTS} causes, not {len(costs)}.")
        period = self._unit_period_fs[unit]
        pad = ((0, 0),) * (COSTS - len(costs))
        pairs = (*costs, *pad)
        for cause, cycles in pairs:
            if not 0 <= cause < N_CAUSE or cycles < 0:
                raise ValueError(_priced(cycles, cause))
            if cycles * period > LONGEST_FS:
                raise RunTooLongError(_long(cycles * period))
        self._cost_cause.append(tuple(cause for cause, _ in pairs))
        self._cost_fs.append(tuple(cycles * period for _, cycles in pairs))
        return self._append(unit, label, -1, deps)

    def stream(self, unit: int, label: int, stream: Stream, deps: Sequence[int]) -> int:
        """A memory stream on a channel unit."""
        self._streams.append((stream.kind, stream.first, stream.stride, stream.count, stream.min_gap))
        self._cost_cause.append((0,) * COSTS)
        self._cost_fs.append((0,) * COSTS)
        self._n_streams += 1
        return self._append(unit, label, self._n_streams - 1, deps)

    def extend(self, label: int, block: Block) -> int:
        """Append a block; returns the number of its first operation.

        Raises
        ------
        ValueError
            If an operation waits for one that does not come before it, or costs less than nothing.
        RunTooLongError
            If an operation costs more than `LONGEST_FS`.
        """
        first, n = self._n_ops, len(block.unit)
        own = np.repeat(np.arange(first, first + n), np.diff(block.dep_start))
        late = np.flatnonzero((block.dep < 0) | (block.dep >= own))
        if late.size:
            raise ValueError(_circular(int(own[late[0]]), int(block.dep[late[0]])))
        period = np.array(self._unit_period_fs, dtype=np.int64)[block.unit]
        # cycles that no int64 holds have become its least value when they were rounded
        long = (block.cost_cycle > (LONGEST_FS // period)[:, None]) | (block.cost_cycle < -LONGEST_FS)
        if long.any():
            cycles = np.abs(block.cost_cycle[long].astype(float))
            raise RunTooLongError(_long(float(cycles.max()) * int(period.max())))
        wrong = (block.cost_cycle < 0) | (block.cost_cause < 0) | (block.cost_cause >= N_CAUSE)
        if wrong.any():
            at = tuple(np.argwhere(wrong)[0])
            raise ValueError(_priced(int(block.cost_cycle[at]), int(block.cost_cause[at])))
        self._close()
        self._parts.append(
            _Part(
                block.unit, np.full(n, label, dtype=np.int64), block.cost_cycle * period[:, None], block.cost_cause,
                np.where(block.stream >= 0, block.stream + self._n_streams, -1), block.streams,
                np.diff(block.dep_start), block.dep,
            )
        )  # fmt: skip
        self._n_ops += n
        self._n_streams += len(block.streams)
        return first

    def _append(self, unit: int, label: int, stream: int, deps: Sequence[int]) -> int:
        op = self._n_ops
        for dep in deps:
            if not 0 <= dep < op:
                raise ValueError(_circular(op, dep))
        self._unit.append(unit)
        self._label.append(label)
        self._stream.append(stream)
        self._deps.append(deps)
        self._n_ops += 1
        return op

    def _close(self) -> None:
        """Turn the operations appended one by one since the last block into a part."""
        if not self._unit:
            return
        self._parts.append(
            _Part(
                np.array(self._unit, dtype=np.int64),
                np.array(self._label, dtype=np.int64),
                np.array(self._cost_fs, dtype=np.int64).reshape(-1, COSTS),
                np.array(self._cost_cause, dtype=np.int64).reshape(-1, COSTS),
                np.array(self._stream, dtype=np.int64),
                np.array(self._streams, dtype=np.int64).reshape(-1, 5),
                np.array([len(d) for d in self._deps], dtype=np.int64),
                np.array([d for deps in self._deps for d in deps], dtype=np.int64),
            )
        )
        for held in (self._unit, self._label, self._stream, self._cost_fs, self._cost_cause, self._streams):
            held.clear()
        self._deps.clear()

    def build(self) -> Program:
        """Freeze into arrays.

        Raises
        ------
        RunTooLongError
            If the pace of a stream takes longer than can be counted.
        """
        self._close()
        parts = _Part(*(np.concatenate(arrays) for arrays in zip(_EMPTY, *self._parts, strict=True)))
        paced = parts.streams[:, 3].astype(float) * parts.streams[:, 4] * max(self._unit_period_fs, default=0)
        if paced.max(initial=0.0) > LONGEST_FS:
            raise RunTooLongError(_long(float(paced.max())))
        return Program(
            unit=parts.unit,
            kind=(parts.stream >= 0).astype(np.int64),
            label=parts.label,
            cost_fs=parts.cost_fs,
            cost_cause=parts.cost_cause,
            stream=parts.stream,
            streams=parts.streams,
            dep_start=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(parts.deps)]).astype(np.int64),
            dep=parts.dep,
            unit_kind=np.array(self._unit_kind, dtype=np.int64),
            unit_period_fs=np.array(self._unit_period_fs, dtype=np.int64),
            unit_channel=np.array(self._unit_channel, dtype=np.int64),
            labels=tuple(self._labels),
            unit_names=tuple(self._unit_names),
        )


class _Part(NamedTuple):
    """Operations that stand one after the other: arrays of a Program, `deps` = how many each waits for."""

    unit: Int64s
    label: Int64s
    cost_fs: Int64s
    cost_cause: Int64s
    stream: Int64s
    streams: Int64s
    deps: Int64s
    dep: Int64s


_FLAT, _PRICED = np.zeros(0, dtype=np.int64), np.zeros((0, COSTS), dtype=np.int64)
_EMPTY = _Part(_FLAT, _FLAT, _PRICED, _PRICED, _FLAT, np.zeros((0, 5), dtype=np.int64), _FLAT, _FLAT)


def _circular(op: int, dep: int) -> str:
    return f"Operation {op} cannot wait for operation {dep}: it does not come before it."


def _long(fs: float) -> str:
    most = f"{LONGEST_FS / 1e15:,.0f} s (2^60 fs)"
    return f"An operation takes {fs / 1e15:.3g} s; {most} are the most that can be counted."


def _priced(cycles: int, cause: int) -> str:
    return f"An operation cannot cost {cycles} cycles of cause {cause}."
