"""The engine's verdict on a mapping: the train of one node, run alone, its steady part carried on where it is long."""

import numpy as np

from bankside.arch.dram.address import ADDRESS
from bankside.arch.dram.bank import STATE, new_state
from bankside.arch.dram.standard import STANDARD
from bankside.arch.engine import Channels, execute
from bankside.arch.machine.machine import FS_PER_S, Core, Machine
from bankside.kernels.lower.state import Lowering
from bankside.kernels.lower.train import emit_train
from bankside.kernels.lower.transfers import stripe_bytes
from bankside.kernels.mapping import Mapping, Problem, steps

STEPS = 256  # steps that are run at most
BURSTS = 20_000  # bursts on each channel that are run at most, as long as FEWEST steps are
FEWEST = 8
WARM = 0.5  # share of the run steps after which the train is taken to be steady


def trial_s(machine: Machine, core: Core, problem: Problem, mapping: Mapping) -> float:
    """Time of the product on one node of `core` with nothing before it and all channels alike [s]."""
    low = Lowering(machine, where=core.name)
    low.add_channels(core.memory, [(0, core.memory.channels)])
    low.add_group(core, [(0, core.nodes)])
    node = low.groups[core.name][0]
    train = emit_train(low, core, node, low.builder.label("trial"), problem, mapping, _most(core, problem, mapping))
    end_fs = execute(low.builder.build(), _fresh_channels(core)).end_fs
    total, run = train.steps.total, len(train.tiles)
    if total == run:
        return int(end_fs.max()) / FS_PER_S
    warm = int(run * WARM)
    rate = int(end_fs[train.tiles[-1]] - end_fs[train.tiles[warm]]) / (run - 1 - warm)
    return (int(end_fs.max()) + rate * (total - run)) / FS_PER_S


def _most(core: Core, problem: Problem, mapping: Mapping) -> int:
    """How many steps to run."""
    first = steps(problem, mapping, STEPS)
    byte = first.b_byte + first.a_byte * problem.a_from_memory + first.out_byte * problem.out_to_memory
    within = int(np.searchsorted(np.cumsum(byte), BURSTS * float(stripe_bytes(core))))
    return max(FEWEST, within)


def _fresh_channels(core: Core) -> Channels:
    standard, address = core.memory.standard, core.memory.address
    if standard is None or address is None:
        return Channels(np.zeros(1, STANDARD), np.zeros(1, ADDRESS), np.zeros(0, STATE), np.zeros(0, np.int64))
    state = new_state(standard.packed, 1)
    return Channels(standard.packed, address, state, np.zeros(1, dtype=np.int64))
