"""The engine's verdict on a mapping: the train of one node, run alone.

Of a long train the first and the last steps run, and all but a quarter of the first ones is carried on over the steps
between, in proportion to what the busier of unit and memory has to do, which takes its time in any case.
"""

import math
from collections.abc import Sequence
from hashlib import sha256
from weakref import ref

import numpy as np

from bankside.arch.engine.alone import Alone
from bankside.arch.engine.execute import execute
from bankside.arch.jit import kernel
from bankside.arch.machine.channels import Remembered
from bankside.arch.machine.machine import FS_PER_S, Core, Machine
from bankside.arch.machine.path import way
from bankside.arch.pe.product import VECTOR
from bankside.kernels.lower.lowering import Int64s, Lowering
from bankside.kernels.lower.product_tiles import Cut, Frame, Train, cut, ending_fs, frame, framed, lay
from bankside.kernels.lower.ways import stripe_bytes
from bankside.kernels.mapping.bound import TIED
from bankside.kernels.mapping.memo import MOST_TRAINS, Kept, known_by
from bankside.kernels.plan.steps import K_TILES, N_TILES, PANEL, Nests, total_bytes
from bankside.kernels.plan.tiling import UNITS, Float64s, Mapping, Problem

STEPS = 256  # first steps that are run at most, besides half as many last ones
BURSTS = 16_000  # bursts that the first steps take from each channel at most, as long as they are FEWEST
STRETCH = 3
FEWEST = 8
MOST_FRAMES = 64  # that a stage keeps of trains
SURE = 1 - 1e-9  # of a bound, in which rounding may be


def alone(machine: Machine, core: Core) -> Lowering:
    """A program to be, of `core` with all nodes and all channels alike."""
    low = Lowering(machine)
    low.add_channels(core.memory, [(0, core.memory.channels)])
    low.add_group(core, [(0, core.nodes)])
    return low


class Stage:
    """One node of a core kind with nothing before it and all channels alike, on which trains run one by one; units are
    set up once. A train that fails runs as a program besides, which says why.

    What channels remember is not held here: it goes when those who share it let it go.
    """

    def __init__(self, machine: Machine, core: Core) -> None:
        self._core, self._low = core, alone(machine, core)
        self._label = self._low.builder.label("trial")
        self._node = self._low.groups[core.name][0]
        self._alone: Alone | None = None
        self._memory: ref[Remembered] | None = None
        self._frames = Kept(MOST_FRAMES)

    def run(self, train: Train, own: Cut, memory: Remembered | None) -> tuple[int, Int64s]:
        """When a train ends, and each of its tiles [fs]; memory: what channels have served and do not serve again."""
        low, node = self._low, self._node
        made = framed(low, self._core, self._frame(train, own), own)
        known = self._alone
        if known is None or known.units < len(low.builder.units.kind) or not self._shares(memory):
            known = self._alone = Alone(low.builder, low.hardware(memory=memory))
            self._memory = None if memory is None else ref(memory, self._forget)
        found = known.ends_fs(made)
        if found is None:
            try:
                tiles = lay(low, self._core, node, self._label, train, own)
                end_fs = execute(low.builder.build(), low.hardware()).end_fs
            finally:
                low.builder.clear()
                node.clear()
            found = int(end_fs.max()), end_fs[tiles]
        return found

    def _shares(self, memory: Remembered | None) -> bool:
        """Whether trains run with a memory already."""
        return (None if self._memory is None else self._memory()) is memory

    def _forget(self, _: object) -> None:
        """Let go of what ran with a memory that is gone."""
        self._alone = None

    def _frame(self, train: Train, own: Cut) -> Frame:
        """What the train has in common with others that ran here."""
        of, ends_fs = train.mapping, ending_fs(self._core, train.problem, train.mapping, own)
        from_memory = train.problem.a_from_memory
        key = of.unit == UNITS[VECTOR], of.stages, of.dealing is None, from_memory, train.brought_b, ends_fs
        args = self._low, self._core, self._node, self._label, train, ends_fs
        return self._frames.get(key, lambda: frame(*args))


class Trials:
    """Times of mappings of a product on one node (`Stage`); of trains with equal steps one runs.

    Attributes
    ----------
    bursts : int
        What each channel was asked for.
    """

    def __init__(
        self,
        machine: Machine,
        core: Core,
        problem: Problem,
        memory: Remembered | None = None,
        known: Kept | None = None,
    ) -> None:
        """known: stages, and when trains end on them."""
        self._core, self._problem, self._memory = core, problem, memory
        self._known = known if known is not None else Kept(MOST_TRAINS)
        self._on = known_by(machine, core)
        self._stage = self._known.get(("stage", *self._on), lambda: Stage(machine, core))
        self._latency_s = way(machine, core)[1]
        self._per_unit = _per_unit(core)
        self.bursts = 0

    def times_s(self, mappings: Sequence[Mapping], best_s: float = math.inf) -> list[float]:
        """Times of mappings [s]; infinity for those that are found to take longer than `TIED` times the fastest of
        them, or `best_s`, without being run."""
        times = [math.inf] * len(mappings)
        if not mappings:
            return times
        head, cuts = self._cut(Nests(self._problem, mappings))
        whole_s = self._whole_s(mappings, cuts)
        least_s = self._least_s(mappings, cuts, whole_s)
        for i in sorted(range(len(mappings)), key=least_s.__getitem__):
            if least_s[i] * SURE > TIED * best_s:
                break
            times[i] = self._time_s(mappings[i], cuts[i], head[i], whole_s[i])
            best_s = min(best_s, times[i])
        return times

    def _cut(self, nests: Nests) -> tuple[list[int], list[Cut]]:
        """How many of the first steps of each train are run, and what is run."""
        head = _heads(self._core, nests)
        return head.tolist(), cut(self._core, nests, head, head // 2)

    def _least_s(
        self, mappings: Sequence[Mapping], cuts: Sequence[Cut], whole_s: Sequence[tuple[float, float]]
    ) -> list[float]:
        """What trains take in any case [s]."""
        cycle_s, byte_s = self._per_unit
        paces = cycle_s, byte_s * stripe_bytes(self._core), self._latency_s
        return [
            least_s(own.costs, own.stripes, paces, np.zeros(mapping.stages))
            if own.total == len(own.costs)
            else max(whole)
            for mapping, own, whole in zip(mappings, cuts, whole_s, strict=True)
        ]

    def _time_s(self, mapping: Mapping, own: Cut, head: int, whole_s: tuple[float, float]) -> float:
        total_fs, tiles_fs = self._ends_fs(mapping, own)
        if own.total == len(tiles_fs):
            return total_fs / FS_PER_S
        end = head - 1
        warm = end - _turns(mapping, self._problem, end - max(1, end // 4))
        took_fs = int(tiles_fs[end] - tiles_fs[warm])
        unit, memory = self._busy_s(own, (len(tiles_fs) - 1, end, warm))
        rest = self._rest_s(mapping, whole_s, (unit, memory))
        window = max(unit[1] - unit[2], memory[1] - memory[2])
        carried_s = (total_fs + took_fs * rest / window) / FS_PER_S
        return max(carried_s, *whole_s)  # tiles that only write run ahead of the memory

    def _whole_s(self, mappings: Sequence[Mapping], cuts: Sequence[Cut]) -> list[tuple[float, float]]:
        """Seconds that the unit, and the memory at its peak, need for each whole train."""
        cycle_s, byte_s = self._per_unit
        return [
            (own.cycles * cycle_s, total_bytes(self._problem, mapping) * byte_s)
            for mapping, own in zip(mappings, cuts, strict=True)
        ]

    def _rest_s(
        self, mapping: Mapping, whole_s: tuple[float, float], run_s: tuple[list[float], ...]
    ) -> float:
        """What the busier of unit and memory has to do in steps that are not run [s]; `run_s`: as of `_busy_s`.

        A last round of the batch that is not full asks less of the memory, and as much of the unit: then each may be
        the busier one in its part.
        """
        batch, rounds = self._problem.batch, mapping.counts(self._problem)[0]
        last = batch - (rounds - 1) * mapping.batch_cores
        if mapping.dealing is not None or last == mapping.batch_cores:
            return max(whole - run[0] for whole, run in zip(whole_s, run_s, strict=True))
        shares = 1 / rounds, last / batch  # of the last round: of the unit's work, and of the memory's
        parts = [
            (whole * (1 - share) - run[1], whole * share - (run[0] - run[1]))
            for whole, share, run in zip(whole_s, shares, run_s, strict=True)
        ]
        full_s, last_s = (max(0.0, *each) for each in zip(*parts, strict=True))
        return float(full_s + last_s)

    def _busy_s(self, own: Cut, steps: tuple[int, int, int]) -> list[list[float]]:
        """Seconds that the unit, and the memory at its peak, need up to some steps, each included."""
        busy = np.empty((2, len(steps)))
        upto(own.costs, own.byte[0], own.byte[1], steps, busy)
        return [
            [of * each_s for of in each] for each, each_s in zip(busy.tolist(), self._per_unit, strict=True)
        ]

    def _ends_fs(self, mapping: Mapping, own: Cut) -> tuple[int, Int64s]:
        """When the train ends, and each of its tiles [fs]."""
        problem = self._problem
        steps = sha256(own.stripes.data)
        steps.update(own.costs.data)
        key = (
            "train", *self._on, mapping.unit == UNITS[VECTOR], mapping.stages, mapping.dealing is None,
            problem.a_from_memory, ending_fs(self._core, problem, mapping, own), len(own.stripes), steps.digest(),
        )  # fmt: skip

        def run() -> tuple[int, Int64s]:
            self.bursts += int(own.stripes.sum())
            return self._stage.run(Train(problem, mapping), own, self._memory)

        return self._known.get(key, run)


@kernel
def least_s(costs: Int64s, stripes: Int64s, paces: tuple[float, float, float], ended: Float64s) -> float:
    """Time that a train takes where memory serves every stripe at its peak [s].

    Reads come one after the other, each into a buffer that is free again; then tiles that have what they read; and in
    all no less than all stripes.

    Parameters
    ----------
    costs, stripes
        As in `Cut`.
    paces
        Time of a cycle and of a stripe, and latency of the way [s].
    ended
        Zeros, one for each of the tiles after which a buffer is used again; filled with when each of them has ended.
    """
    cycle_s, stripe_s, latency_s = paces
    steps, buffers = stripes.shape[0], ended.shape[0]
    read_s = worked_s = moved_s = 0.0
    for i in range(steps):
        there_s = 0.0
        if stripes[i, 0] > 0:
            read_s = max(read_s, ended[i % buffers]) + stripes[i, 0] * stripe_s
            there_s = read_s + latency_s
        cycles = 0
        for cause in range(costs.shape[1]):
            cycles += costs[i, cause]
        worked_s = max(worked_s, there_s) + cycles * cycle_s
        ended[i % buffers] = worked_s
        moved_s += (stripes[i, 0] + stripes[i, 1]) * stripe_s
    return float(max(worked_s + stripes[steps - 1, 1] * stripe_s, moved_s))


@kernel
def upto(
    costs: Int64s, wanted: Float64s, left: Float64s, steps: tuple[int, int, int], busy: Float64s
) -> None:
    """Fill in cycles and bytes up to some steps, each included: `busy`, float64[2, 3]; the rest as in `Cut`."""
    cycles, byte = 0, 0.0
    for i in range(costs.shape[0]):
        for cause in range(costs.shape[1]):
            cycles += costs[i, cause]
        byte += wanted[i] + left[i]
        for k in range(3):
            if steps[k] == i:
                busy[0, k], busy[1, k] = cycles, byte


def _turns(mapping: Mapping, problem: Problem, most: int) -> int:
    """Steps of as many whole turns of the inner loops as `most` steps hold, so that each result counts its share."""
    _, _, n_tiles, k_tiles = mapping.counts(problem)
    inner = k_tiles if mapping.order == "nk" else n_tiles
    for turn in (n_tiles * k_tiles, inner):
        if turn <= most:
            return most // turn * turn
    return most


def _per_unit(core: Core) -> tuple[float, float]:
    """Seconds of a cycle, and of a byte at the tap."""
    return 1 / core.spec.clock, 1 / (core.channels * core.memory.channel_peak(core.level))


def _heads(core: Core, nests: Nests) -> Int64s:
    """How many of the first steps of each to run: two turns of the innermost loop where STRETCH times the bursts allow
    it."""
    burst_byte = float(stripe_bytes(core))
    usual, most = nests.until((BURSTS * burst_byte, STRETCH * BURSTS * burst_byte), STEPS).T
    inner = np.where(nests.rows[:, PANEL] > 0, nests.rows[:, N_TILES], nests.rows[:, K_TILES])
    return np.asarray(np.maximum(FEWEST, np.minimum(most, np.maximum(usual, 2 * inner + 1))))
