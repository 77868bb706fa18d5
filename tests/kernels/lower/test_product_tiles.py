"""Trains made of arrays: operation by operation what a plain loop appends."""

import math
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.causes import COMPUTE, FILL_DRAIN, IMBALANCE, SRAM_BANDWIDTH, SRAM_CONFLICT
from bankside.arch.machine.machine import Machine, load_machine
from bankside.arch.pe.sram.unit import Scratchpad
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.memory import Tape
from bankside.kernels.lower.product_tiles import Train, emit_train
from bankside.kernels.plan.steps import Nests
from bankside.kernels.plan.tiling import Mapping, Problem

MACHINES = {name: load_machine(name) for name in ("hybrid-3d", "xpu-a100", "sram-lpu", "base-die")}


def lowering(machine: Machine, ranges: list[tuple[int, int]], users: int) -> tuple[Lowering, NodeClass, int]:
    core = machine.primary
    low = Lowering(machine)
    low.add_channels(core.memory, ranges)
    low.add_group(core, [(0, core.nodes)])
    node = low.groups[core.name][0]
    label = low.builder.label("x")
    node.slots = [low.builder.fixed(node.vector, label, [(COMPUTE, 5)], []) for _ in range(users)]
    node.tail = [low.builder.fixed(node.vector, label, [(COMPUTE, 9)], [])]
    return low, node, label


def looped(low: Lowering, node: NodeClass, label: int, problem: Problem, mapping: Mapping) -> None:
    """The train as its definition says it, one operation at a time."""
    core = low.machine.primary
    reads = Tape(low, core, node, label)
    writes = Tape(low, core, node, label, write=True)
    nest = Nests(problem, [mapping]).steps()
    unit = ("matrix", "vector").index(mapping.unit)
    start, last = list(node.tail), list(node.tail)
    for s in range(len(nest.kt)):
        m, n, k = (int(each[s]) for each in (nest.mt, nest.nt, nest.kt))
        want = nest.b_byte[s] + nest.a_byte[s] * problem.a_from_memory
        begin = start if s < 2 and (problem.a_from_memory or core.spec.launch > 0) else []
        ready = reads.move(float(want), node.free_slot() + begin)
        computes, sram = (core.spec.matmul, core.spec.vector)[unit], core.spec.sram
        assert computes is not None and isinstance(sram, Scratchpad)
        found = computes.cycles(np.array([[m], [n], [k]], dtype=np.int64))
        interval, steady = int(found.interval[0]), int(found.each[0, 0])
        together = int(nest.items[s] * nest.rows[s] * nest.cols[s]) * k
        even = -(-steady * together // (core.cores * m * n * k))
        port = -(-k * (m * problem.a_bytes + n * problem.b_bytes) // (sram.banks * sram.width))
        shared = 0
        if sram.layout == "rows" and unit == 0:
            words = -(-k * 2 // sram.width)
            shared = words * (-(-n * math.gcd(words, sram.banks) // sram.banks) - -(-n // sram.banks))
        fill = interval - steady + (int(found.last[0]) if s == len(nest.kt) - 1 else 0)
        costs = [
            (COMPUTE, even),
            (FILL_DRAIN, fill),
            (IMBALANCE, steady - even),
            (SRAM_BANDWIDTH, max(0, int(port) - interval)),
            (SRAM_CONFLICT, max(0, int(port) + shared - max(interval, int(port)))),
        ]
        tile = low.builder.fixed(node.vector if unit else node.matrix, label, costs, ready + last)
        last = [tile]
        node.slots = [*node.slots, tile][-2:]
        if problem.out_to_memory:
            writes.move(float(nest.out_byte[s]), last)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(sorted(MACHINES)), st.integers(1, 3), st.integers(1, 300), st.integers(1, 300), st.integers(1, 900),
    st.tuples(st.integers(1, 100), st.integers(1, 100), st.integers(40, 400)),
    st.sampled_from(["nk", "kn"]), st.sampled_from(["matrix", "vector"]), st.booleans(), st.booleans(), st.booleans(),
    st.integers(0, 2),
)  # fmt: skip
def test_a_train_of_arrays_is_the_loop(
    name: str, batch: int, m: int, n: int, k: int, tile: tuple[int, int, int], order: Any, unit: str, a: bool,
    out: bool, split_channels: bool, users: int,
) -> None:  # fmt: skip
    machine = MACHINES[name]
    channels = machine.primary.memory.channels
    ranges = [(0, 1), (1, channels)] if split_channels and channels > 1 else [(0, channels)]
    problem = Problem(batch, m, n, k, 2, 2, 2, a, out)
    mapping = Mapping(1, 1, 1, *tile, order, unit).within(problem)
    fast, node, label = lowering(machine, ranges, users)
    emit_train(fast, machine.primary, node, label, Train(problem, mapping))
    slow, slow_node, slow_label = lowering(machine, ranges, users)
    looped(slow, slow_node, slow_label, problem, mapping)
    one, other = fast.builder.build(), slow.builder.build()
    for field in ("op", "work", "work_start", "dep_start"):
        assert (getattr(one, field) == getattr(other, field)).all(), field
    for op in range(one.n_ops):
        mine, theirs = (set(p.dep[p.dep_start[op] : p.dep_start[op + 1]].tolist()) for p in (one, other))
        assert mine == theirs
    assert fast.traffic == slow.traffic
    assert node.slots == slow_node.slots
    assert node.cursor == slow_node.cursor
    owners = set(slow.events)
    assert all(np.array_equal(fast.events[owner], slow.events[owner]) for owner in owners)
    assert fast.unit_events == slow.unit_events
