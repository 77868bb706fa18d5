"""Programs are cut alike where they are alike, and parts are the same where their entries are, rows but for a shift."""

import numpy as np
from tests.arch.dram.channel.pim.memory.programs import DEVICES, empty_memory
from tests.arch.dram.channel.pim.memory.test_serve import program_of
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.pim.memory.row_names import DATA, ROUND
from bankside.arch.dram.channel.pim.memory.strides import (
    FAN,
    LONGEST,
    PLACED,
    SHORTEST,
    cut,
    entry_ids,
    longer_told,
    strides_told,
)
from bankside.arch.dram.channel.pim.program import COUNT, HEAD
from bankside.arch.dram.device.session import FIELDS

DEPTH = 32
ONE_SLICE = np.zeros(512, np.int64)


def parts_of(program, memory, row):
    bases = np.zeros(DATA + 1, np.int64)
    bases[ROUND], bases[DATA] = 8000, row
    begins = np.zeros((len(program) + 1, 1 + len(bases)), np.int64)
    ids, placed = np.zeros(len(program), np.int64), np.zeros(len(program), np.int64)
    strides = cut(program, ONE_SLICE, bases.copy(), 0, len(program), begins)
    assert entry_ids(program, memory, ONE_SLICE, bases, 0, ids, placed)
    parts = np.zeros(strides, np.int64)
    assert strides_told(program, memory, DEPTH, ids, placed, begins, parts)
    return begins[: strides + 1, 0], parts


def test_a_loop_has_the_same_strides_wherever_it_lies():
    standard = compiled(DEVICES[0][0], (), DEVICES[0][1])
    memory, body = empty_memory(standard), [(8, 4 * standard.columns, 1, 0, True)]
    here, there = (program_of(standard, body, 90, first)[HEAD:].reshape(-1, len(FIELDS)) for first in (0, 77))
    (begins, parts), (as_begins, as_parts) = (
        parts_of(program, memory, row) for program, row in ((here, 0), (there, 77))
    )
    assert begins.tolist() == as_begins.tolist()
    assert parts.tolist() == as_parts.tolist()
    assert len(set(parts.tolist())) <= 6  # the first, the last and those between
    commands = np.add.reduceat(here[:, COUNT], begins[:-1])
    assert (commands[:-1] >= SHORTEST).all()
    assert (commands < LONGEST + here[:, COUNT].max()).all()
    assert begins[-1] == len(here)


def test_longer_parts_are_the_same_where_all_in_them_are():
    memory = empty_memory(compiled(DEVICES[0][0], (), DEVICES[0][1]))
    parts = np.array([*range(FAN), *range(FAN), *range(1, FAN + 1), *[PLACED] * FAN], np.int64)
    longer, deeper = np.zeros(4, np.int64), np.zeros(4, np.int64)
    assert longer_told(memory, 1, parts, longer)
    assert longer_told(memory, 2, parts, deeper)
    assert longer[0] == longer[1] != longer[2]
    assert longer[3] == PLACED
    assert len({*longer.tolist(), *deeper.tolist()}) == 5
