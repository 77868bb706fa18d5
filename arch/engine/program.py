"""The tile-operation ISA: a program is a struct of arrays, one entry per tile operation.

An operation is handed to its unit with words of its own: the causes and cycles of a tile whose time lowering knows
(systolic tile, softmax tile, network transfer), or what the unit's kind needs to find the time out (a memory stream).
Operations name the operations they wait for; there is no other control flow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import N_CAUSE
from bankside.arch.engine.kinds import KINDS, SERVER, Kind
from bankside.arch.jit import flat_kernel
from bankside.arch.spec import ConfigError

Int64s = npt.NDArray[np.int64]

LABEL_AT: Final = 32
"""Bits of an operation behind which its label stands, before them its unit: there are millions of operations."""

OF_UNIT: Final = (1 << LABEL_AT) - 1

WORK, DEP = range(2)
"""Rows of where operations begin."""

LATEST_FS = 1 << 62
"""Latest time of a run [fs], 77 minutes: whatever starts by then and is no longer than `LONGEST_FS` ends in int64."""

LONGEST_FS = 1 << 60
"""Longest operation [fs]: what a fixed one may cost of one cause, and what the pace of a stream may take in all."""

MOST_BURSTS = 1 << 42
"""Most bursts of a program: with up to 2^20 bytes each, from every bank at once, their bytes are counted in int64."""

MOST_OPS = 1 << 25
"""Most operations of a run: one takes 160 bytes with what is made on the way (measured), so all of them 5.4 GB; up to
twice as many bytes of addresses are asked for beside, for causes that an operation might have and few do."""

COSTS: Final = 5  # pairs (cause, cycles) of an operation of a train
STREAM_WORDS: Final = 5


class RunTooLongError(ConfigError):
    """A run whose femtoseconds cannot be counted in 64 bits, or whose operations are more than are kept."""


@dataclass(frozen=True)
class Stream:
    """A memory stream on one channel.

    kind is READ or WRITE of `arch.dram.channel.source`; first and stride count bursts in the channel's address space,
    count is the number of bursts, min_gap the slots that the consumer needs per column. Of a GATHER, stride is the
    number of the first draw, and bursts come in runs at one of `places` each.
    """

    kind: int
    first: int
    count: int
    stride: int = 1
    min_gap: int = 0
    run: int = 0
    places: int = 0

    @property
    def words(self) -> tuple[int, ...]:
        """As its channel takes it."""
        plain = self.kind, self.first, self.stride, self.count, self.min_gap
        return (*plain, self.run, self.places) if self.places else plain


@dataclass(frozen=True)
class Program:
    """Operations and units as arrays; n operations, u units.

    op: int64[n] = label << LABEL_AT | unit; start: int64[2, n + 1], where the words of each operation begin in
    `work`, int64[...], and the operations that it waits for in `dep`, int64[...] (CSR); unit_kind (place in `kinds`,
    the names), unit_period_fs, unit_part (of the hardware, -1: none): int64[u].
    """

    op: Int64s
    work: Int64s
    start: Int64s
    dep: Int64s
    unit_kind: Int64s
    unit_period_fs: Int64s
    unit_part: Int64s
    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    unit_names: tuple[str, ...]

    @property
    def n_ops(self) -> int:
        """Number of operations."""
        return len(self.op)

    @property
    def work_start(self) -> Int64s:
        """Where the words of each operation begin: int64[n + 1]."""
        return np.asarray(self.start[WORK])

    @property
    def dep_start(self) -> Int64s:
        """Where the operations that each waits for begin: int64[n + 1]."""
        return np.asarray(self.start[DEP])

    @property
    def unit(self) -> Int64s:
        """Unit of each operation: int64[n]."""
        return self.op & OF_UNIT

    @property
    def label(self) -> Int64s:
        """Label of each operation: int64[n]."""
        return self.op >> LABEL_AT

    def words(self, op: int) -> Int64s:
        """The words of an operation, a view."""
        return self.work[self.work_start[op] : self.work_start[op + 1]]


class Units(NamedTuple):
    """Columns of all units, int64[u]."""

    kind: Int64s
    period_fs: Int64s
    part: Int64s


class ProgramBuilder:
    """Collects units, labels and operations and freezes them into a Program.

    Parameters
    ----------
    before
        Operations of other programs of the run, which are kept beside it.
    """

    def __init__(self, before: int = 0) -> None:
        self._before = before
        self._unit_names: list[str] = []
        self._unit_kind: list[int] = []
        self._unit_period_fs: list[int] = []
        self._unit_part: list[int] = []
        self._kinds: list[Kind] = []
        self._labels: list[str] = []
        self._unit: list[int] = []
        self._label: list[int] = []
        self._words: list[Sequence[int]] = []
        self._deps: list[Sequence[int]] = []
        self._parts: list[_Part] = []
        self._n_ops = 0
        self._bursts = 0.0
        self._units: Units | None = None

    @property
    def n_ops(self) -> int:
        """Operations so far, which is the number of the next one."""
        return self._n_ops

    def unit(self, name: str, period_fs: int, kind: Kind = SERVER, part: int = -1) -> int:
        """Declare a unit with its clock period [fs]; one with parameters or a state names its part of the hardware."""
        if period_fs < 1:
            raise ValueError(f"The clock period of unit {name} must be at least 1 fs, not {period_fs}.")
        if KINDS.get(kind.name) is not kind:
            raise ValueError(f"The kind '{kind.name}' of unit {name} is not registered.")
        if kind not in self._kinds:
            self._kinds.append(kind)
        self._units = None
        self._unit_names.append(name)
        self._unit_kind.append(self._kinds.index(kind))
        self._unit_period_fs.append(period_fs)
        self._unit_part.append(part)
        return len(self._unit_names) - 1

    @property
    def units(self) -> Units:
        """The units so far."""
        if self._units is None:
            columns = self._unit_kind, self._unit_period_fs, self._unit_part
            self._units = Units(*(np.array(each, dtype=np.int64) for each in columns))
        return self._units

    def label(self, text: str) -> int:
        """Number of a report label, one for each kernel operator."""
        self._labels.append(text)
        return len(self._labels) - 1

    def op(
        self, unit: int, label: int, words: Sequence[int] | Int64s, deps: Sequence[int], bursts: int = 0
    ) -> int:
        """An operation with the words that its unit's kind understands, which moves so many bursts."""
        op = self._n_ops
        for dep in deps:
            if not 0 <= dep < op:
                raise ValueError(_circular(op, dep))
        self._bursts += bursts
        if isinstance(words, np.ndarray):  # many of them, not to be made numbers of Python's
            self._close()
            one = (np.array([n], dtype=np.int64) for n in (unit, label, len(words), len(deps)))
            units, labels, lengths, counts = one
            self._parts.append(_Part(units, labels, lengths, words, counts, np.array(deps, dtype=np.int64)))
            self._n_ops += 1
            return op
        self._unit.append(unit)
        self._label.append(label)
        self._words.append(words)
        self._deps.append(deps)
        self._n_ops += 1
        return op

    def fixed(self, unit: int, label: int, costs: Sequence[tuple[int, int]], deps: Sequence[int]) -> int:
        """An operation of known cost; `costs` = (cause, cycles of the unit's clock), pairs of none left out."""
        period = self._unit_period_fs[unit]
        for cause, cycles in costs:
            if not 0 <= cause < N_CAUSE or cycles < 0:
                raise ValueError(_priced(cycles, cause))
            if cycles * period > LONGEST_FS:
                raise RunTooLongError(_long(cycles * period))
        return self.op(unit, label, [word for pair in costs if pair[1] for word in pair], deps)

    def stream(self, unit: int, label: int, stream: Stream, deps: Sequence[int]) -> int:
        """A memory stream on a channel unit.

        Raises
        ------
        RunTooLongError
            If its pace alone takes longer than `LONGEST_FS`.
        """
        if stream.count * stream.min_gap * self._unit_period_fs[unit] > LONGEST_FS:
            raise RunTooLongError(_long(float(stream.count) * stream.min_gap * self._unit_period_fs[unit]))
        return self.op(unit, label, stream.words, deps, stream.count)

    def append(
        self, label: Int64s, unit: Int64s, words: tuple[Int64s, Int64s], deps: tuple[Int64s, Int64s], bursts: int
    ) -> int:  # fmt: skip
        """Append ready-made operations, which move so many bursts: `words` and `deps` are how many each has, and all of
        them; returns the number of the first."""
        first = self._n_ops
        self._bursts += bursts
        self._close()
        self._parts.append(_Part(unit, label, *words, *deps))
        self._n_ops += len(unit)
        return first

    def reserve(self, more: int) -> None:
        """Refuse more operations than are kept, before there are arrays of them.

        Raises
        ------
        RunTooLongError
            If there are more than `MOST_OPS` with `more` of them.
        """
        wanted = self._before + self._n_ops + more
        if wanted > MOST_OPS:
            raise RunTooLongError(
                f"The run has {wanted:,} tile operations or more, those of like nodes counted once; "
                f"{MOST_OPS:,} are the most that are kept."
            )

    def check_length(self, unit: int, cycles: Int64s) -> None:
        """Refuse operations of a unit that cost more than `LONGEST_FS`.

        Raises
        ------
        RunTooLongError
        """
        self.check_extremes(unit, *(int(each(initial=0)) for each in (cycles.min, cycles.max)))

    def check_extremes(self, unit: int, least: int, most: int) -> None:
        """The same, of operations that cost no less and no more than that.

        Raises
        ------
        RunTooLongError
        """
        period_fs = self._unit_period_fs[unit]
        # cycles that no int64 holds have become its least value when they were rounded
        if most > LONGEST_FS // period_fs or least < -LONGEST_FS:
            raise RunTooLongError(_long(float(max(most, -least)) * period_fs))

    def _close(self) -> None:
        """Turn the operations appended one by one since the last block into a part."""
        if not self._unit:
            return
        self._parts.append(
            _Part(
                np.array(self._unit, dtype=np.int64),
                np.array(self._label, dtype=np.int64),
                np.array([len(words) for words in self._words], dtype=np.int64),
                np.array([word for words in self._words for word in words], dtype=np.int64),
                np.array([len(d) for d in self._deps], dtype=np.int64),
                np.array([d for deps in self._deps for d in deps], dtype=np.int64),
            )
        )
        for held in (self._unit, self._label, self._words, self._deps):
            held.clear()

    def clear(self) -> None:
        """Forget all operations; units and labels stay."""
        for held in (self._unit, self._label, self._words, self._deps, self._parts):
            held.clear()
        self._n_ops, self._bursts = 0, 0.0

    def build(self) -> Program:
        """Freeze into arrays; the builder then has no operations, and its units and labels.

        Raises
        ------
        RunTooLongError
            If streams have more bursts in all than `MOST_BURSTS`.
        """
        if self._bursts > MOST_BURSTS:
            raise RunTooLongError(
                f"The run moves {self._bursts:.3g} bursts; {MOST_BURSTS:.3g} are the most whose bytes can be counted."
            )
        self._close()
        n, units = self._n_ops, self.units
        unit, label, words, works, deps, dep_lists = ([part[i] for part in self._parts] for i in range(6))
        self.clear()
        op, start = np.empty(n, dtype=np.int64), np.zeros((2, n + 1), dtype=np.int64)
        first = 0
        for columns in zip(unit, label, words, deps, strict=True):
            freeze(*columns, first, op, start)
            first += len(columns[0])
        del unit, label, words, deps  # there are millions of them
        return Program(
            op=op,
            work=_joined(works),
            start=start,
            dep=_joined(dep_lists),
            unit_kind=units.kind,
            unit_period_fs=units.period_fs,
            unit_part=units.part,
            kinds=tuple(kind.name for kind in self._kinds),
            labels=tuple(self._labels),
            unit_names=tuple(self._unit_names),
        )


class _Part(NamedTuple):
    """Operations that stand one after the other: `words` and `deps` say how many of `work` and `dep` each has."""

    unit: Int64s
    label: Int64s
    words: Int64s
    work: Int64s
    deps: Int64s
    dep: Int64s


def _joined(arrays: list[Int64s]) -> Int64s:
    """One array of all, which the list then does not hold."""
    whole = arrays[0] if len(arrays) == 1 else np.concatenate([np.zeros(0, dtype=np.int64), *arrays])
    arrays.clear()
    return whole


@flat_kernel
def freeze(
    unit: Int64s, label: Int64s, words: Int64s, deps: Int64s, first: int, op: Int64s, start: Int64s
) -> None:
    """Fill `op` and `start` of a program with operations from the first one on."""
    for i in range(unit.shape[0]):
        at = first + i
        op[at] = label[i] << LABEL_AT | unit[i]
        start[WORK, at + 1] = start[WORK, at] + words[i]
        start[DEP, at + 1] = start[DEP, at] + deps[i]


def _circular(op: int, dep: int) -> str:
    return f"Operation {op} cannot wait for operation {dep}: it does not come before it."


def _long(fs: float) -> str:
    most = f"{LONGEST_FS / 1e15:,.0f} s (2^60 fs)"
    return f"An operation takes {fs / 1e15:.3g} s; {most} are the most that can be counted."


def _priced(cycles: int, cause: int) -> str:
    return f"An operation cannot cost {cycles} cycles of cause {cause}."
