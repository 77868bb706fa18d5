"""The engine's verdict on a mapping: the train of one node, run alone.

Of a long train the first and the last steps run, and all but a quarter of the first ones is carried on over the steps
between, in proportion to what the busier of unit and memory has to do, which takes its time in any case.
"""

import numpy as np
import numpy.typing as npt

from bankside.arch.engine.execute import execute
from bankside.arch.machine.channels import Remembered
from bankside.arch.machine.machine import FS_PER_S, Core, Machine
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.product_tiles import Emitted, Train, emit_train, total_cycles
from bankside.kernels.lower.ways import stripe_bytes
from bankside.kernels.plan.steps import moved_bytes, steps, total_bytes
from bankside.kernels.plan.tiling import Mapping, Problem

STEPS = 256  # first steps that are run at most, besides half as many last ones
BURSTS = 16_000  # bursts that the first steps take from each channel at most, as long as they are FEWEST
STRETCH = 3
FEWEST = 8


def alone(machine: Machine, core: Core) -> Lowering:
    """A program to be, of `core` with all nodes and all channels alike."""
    low = Lowering(machine)
    low.add_channels(core.memory, [(0, core.memory.channels)])
    low.add_group(core, [(0, core.nodes)])
    return low


def trial_s(
    machine: Machine, core: Core, problem: Problem, mapping: Mapping, memory: Remembered | None = None
) -> float:
    """Time of the product on one node of `core` with nothing before it and all channels alike [s]; with a `memory`
    these do not serve again what they have served."""
    low = alone(machine, core)
    node = low.groups[core.name][0]
    head = _head(core, problem, mapping)
    short = Train(problem, mapping, head, head // 2)
    train = emit_train(low, core, node, low.builder.label("trial"), short)
    end_fs = execute(low.builder.build(), low.hardware(memory=memory)).end_fs
    run = len(train.tiles)
    if train.steps.total == run:
        return int(end_fs.max()) / FS_PER_S
    end = head - 1
    warm = end - _turns(mapping, problem, end - max(1, end // 4))
    took_fs = int(end_fs[train.tiles[end]] - end_fs[train.tiles[warm]])
    upto = _busy_s(core, train, problem)
    whole = np.array([total_cycles(core, problem, mapping), total_bytes(problem, mapping)]) * _per_unit(core)
    rest, window = (whole - upto[:, -1]).max(), (upto[:, end] - upto[:, warm]).max()
    carried_s = (int(end_fs.max()) + took_fs * rest / window) / FS_PER_S
    return float(max(carried_s, whole.max()))  # tiles that only write run ahead of the memory


def _turns(mapping: Mapping, problem: Problem, most: int) -> int:
    """Steps of as many whole turns of the inner loops as `most` steps hold, so that each result counts its share."""
    _, _, n_tiles, k_tiles = mapping.counts(problem)
    inner = k_tiles if mapping.order == "nk" else n_tiles
    for turn in (n_tiles * k_tiles, inner):
        if turn <= most:
            return most // turn * turn
    return most


def _per_unit(core: Core) -> npt.NDArray[np.float64]:
    """Seconds of a cycle, and of a byte at the tap."""
    return np.array([1 / core.spec.clock, 1 / (core.channels * core.memory.channel_peak(core.level))])


def _busy_s(core: Core, train: Emitted, problem: Problem) -> npt.NDArray[np.float64]:
    """Seconds that the unit, and the memory at its peak, need for the steps up to each: float64[2, steps]."""
    byte = moved_bytes(problem, train.steps)
    return np.cumsum([train.costs.sum(axis=1), byte], axis=1) * _per_unit(core)[:, None]


def _head(core: Core, problem: Problem, mapping: Mapping) -> int:
    """How many of the first steps to run: two turns of the innermost loop where STRETCH times the bursts allow it."""
    byte = np.cumsum(moved_bytes(problem, steps(problem, mapping, STEPS)))
    _, _, n_tiles, k_tiles = mapping.counts(problem)
    turns = 2 * (k_tiles if mapping.order == "nk" else n_tiles) + 1
    burst_byte = float(stripe_bytes(core))
    usual, most = np.searchsorted(byte, [BURSTS * burst_byte, STRETCH * BURSTS * burst_byte])
    return max(FEWEST, min(STEPS, int(most), max(int(usual), turns)))
