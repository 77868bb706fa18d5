"""The engine equals the naive one on random programs, and charges every femtosecond once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import event_engine as oracle

from bankside.arch.causes import CAUSES, COMPUTE, FILL_DRAIN, REDUCE, SYNC
from bankside.arch.engine.execute import Timeline, execute
from bankside.arch.engine.kinds import DELAY
from bankside.arch.engine.program import Program, ProgramBuilder


def run(program: Program) -> Timeline:
    return execute(program)


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[int], list[oracle.Op]]:
    """Periods of up to four units, and up to 25 operations with one to nine cycles each."""
    periods = draw(st.lists(st.integers(1, 7), min_size=1, max_size=4))
    ops = []
    for i in range(draw(st.integers(1, 25))):
        unit = draw(st.integers(0, len(periods) - 1))
        work = {"compute": draw(st.integers(1, 5)), "fill_drain": draw(st.integers(0, 4))}
        deps = tuple(sorted(draw(st.sets(st.integers(0, i - 1), max_size=3)))) if i else ()
        ops.append(oracle.Op(unit, work, deps))
    return periods, ops


def build(periods: list[int], ops: list[oracle.Op]) -> Program:
    b = ProgramBuilder()
    for i, period in enumerate(periods):
        b.unit(f"u{i}", period)
    label = b.label("work")
    for op in ops:
        assert isinstance(op.work, dict)
        costs = [(COMPUTE, op.work["compute"]), (FILL_DRAIN, op.work["fill_drain"])]
        b.fixed(op.unit, label, costs, op.deps)
    return b.build()


@settings(max_examples=150, deadline=None)
@given(programs())
def test_starts_and_ends_equal_the_naive_engine(case: tuple[list[int], list[oracle.Op]]) -> None:
    periods, ops = case
    timeline, naive = run(build(periods, ops)), oracle.run(ops, periods)
    assert timeline.start_fs.tolist() == naive.start_fs
    assert timeline.end_fs.tolist() == naive.end_fs


@settings(max_examples=100, deadline=None)
@given(programs())
def test_t8_critical_path_charges_the_whole_run(case: tuple[list[int], list[oracle.Op]]) -> None:
    timeline = run(build(*case))
    charged = {CAUSES[c] for c in np.flatnonzero(timeline.path_fs.sum(axis=0))}
    assert int(timeline.path_fs.sum()) == timeline.total_fs
    assert charged <= {"compute", "fill_drain", "sync"}


def test_waiting_for_a_busy_unit_is_charged_to_its_occupant() -> None:
    b = ProgramBuilder()
    unit = b.unit("u", 10)
    first, second = b.label("first"), b.label("second")
    b.fixed(unit, first, [(REDUCE, 5)], [])
    b.fixed(unit, second, [(COMPUTE, 2)], [])
    timeline = run(b.build())
    assert timeline.path_fs[0, REDUCE] == 50
    assert timeline.path_fs[1, COMPUTE] == 20


def test_a_unit_starts_on_its_own_next_edge_and_the_wait_is_sync() -> None:
    b = ProgramBuilder()
    fast, slow = b.unit("fast", 3), b.unit("slow", 10)
    label = b.label("x")
    one = b.fixed(fast, label, [(COMPUTE, 4)], [])
    b.fixed(slow, label, [(COMPUTE, 1)], [one])
    timeline = run(b.build())
    assert timeline.start_fs.tolist() == [0, 20]
    assert timeline.path_fs[0, SYNC] == 8


def test_delays_overlap_and_servers_do_not() -> None:
    b = ProgramBuilder()
    delay, server = b.unit("delay", 1, DELAY), b.unit("server", 1)
    label = b.label("x")
    for unit in (delay, server):
        for _ in range(3):
            b.fixed(unit, label, [(COMPUTE, 10)], [])
    assert run(b.build()).end_fs.tolist() == [10, 10, 10, 10, 20, 30]


def test_an_empty_program_takes_no_time() -> None:
    timeline = run(ProgramBuilder().build())
    assert timeline.total_fs == 0


def test_oracle_is_not_vacuous() -> None:
    with pytest.raises(AssertionError):
        assert oracle.run([oracle.Op(0, {"compute": 1})], [2]).end_fs == [1]
