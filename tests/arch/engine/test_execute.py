"""The engine equals the naive one on random programs, and charges every femtosecond once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import event_engine as oracle

from bankside.arch import events as ev
from bankside.arch.causes import CAUSES, COMPUTE, FILL_DRAIN, LAUNCH, N_CAUSE, REDUCE, SYNC
from bankside.arch.dram.banks.bank import new_state
from bankside.arch.dram.channel.in_order.kind import IN_ORDER
from bankside.arch.dram.channel.in_order.stream import READ, run_stream
from bankside.arch.dram.device.address import compile_address
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.dram.flash.device import FlashSpec, compile_flash
from bankside.arch.dram.flash.kind import FLASH
from bankside.arch.dram.flash.stream import new_flash_state, run_flash
from bankside.arch.engine.execute import Timeline, execute
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.kinds import DELAY
from bankside.arch.engine.program import (
    LATEST_FS,
    LONGEST_FS,
    Program,
    ProgramBuilder,
    RunTooLongError,
    Stream,
)
from bankside.arch.machine.machine import ADDRESS_ORDER
from bankside.arch.spec import load


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


def test_every_dram_and_flash_channel_counts_its_own_events() -> None:
    """Two channels of each kind, each with another number of bursts: rows are parts in order."""
    standard = compile_standard(load("ddr4-2400", "devices", DeviceSpec).spec)
    flash = compile_flash(load("hbf", "devices", FlashSpec).spec)
    address = compile_address(standard, ADDRESS_ORDER)
    counts = (100, 300, 500, 700)
    b = ProgramBuilder()
    label = b.label("work")
    for channel, count in enumerate(counts):
        kind = IN_ORDER if channel < 2 else FLASH
        slot_fs = standard.slot_fs if channel < 2 else flash.slot_fs
        b.stream(b.unit(f"c{channel}", slot_fs, kind, channel), label, Stream(READ, 0, count), [])
    params = np.concatenate([standard.packed.view(np.int64), address.view(np.int64)])
    dram = [(params, new_state(standard.packed).view(np.int64)) for _ in range(2)]
    planes = [(flash.packed.view(np.int64), new_flash_state().view(np.int64)) for _ in range(2)]
    timeline = execute(b.build(), Hardware.of(dram + planes))
    for channel, count in enumerate(counts):
        causes, events = np.zeros(N_CAUSE, dtype=np.int64), np.zeros(ev.N_EVENT, dtype=np.int64)
        one = (READ, 0, 1, count, 0, 0, causes, events)
        if channel < 2:
            run_stream(standard.packed, address, new_state(standard.packed), *one)
        else:
            run_flash(flash.packed, new_flash_state(), *one)
        assert events.any()
        assert timeline.events[channel].tolist() == events.tolist()


def test_a_run_is_counted_to_its_last_femtosecond_and_refused_beyond() -> None:
    def four(last: int) -> Program:
        b = ProgramBuilder()
        unit, label = b.unit("u", 1), b.label("work")
        for fs in (LONGEST_FS, LONGEST_FS, LONGEST_FS, last):
            b.fixed(unit, label, [(LAUNCH, fs)], [])
        return b.build()

    longest = run(four(LONGEST_FS))
    assert longest.total_fs == LATEST_FS == int(longest.path_fs.sum())
    b = ProgramBuilder()
    unit, label = b.unit("u", 1), b.label("work")
    for _ in range(5):
        b.fixed(unit, label, [(LAUNCH, LONGEST_FS)] * 3, [])
    with pytest.raises(RunTooLongError, match="longer than 4,612 s"):
        run(b.build())
    with pytest.raises(RunTooLongError, match="An operation takes"):
        four(LONGEST_FS + 1)


@pytest.mark.parametrize("cycles", [LONGEST_FS // 1000 + 1, (1 << 63) - 1, -(1 << 63)])
def test_an_operation_of_a_train_that_wraps_is_refused(cycles: int) -> None:
    """The last is what a float beyond int64 becomes when it is rounded to one."""
    b = ProgramBuilder()
    unit = b.unit("u", 1000)
    with pytest.raises(RunTooLongError, match="An operation takes"):
        b.check_length(unit, np.array([[1, cycles, 0]], dtype=np.int64))


@pytest.mark.parametrize("device", ["ddr4-2400", "hbf"])
def test_streams_that_would_wrap_their_slots_are_refused(device: str) -> None:
    """Timings as long as a file may state, and as many bursts as reach beyond any slot that can be packed."""
    b = ProgramBuilder()
    label = b.label("work")
    if device == "hbf":
        flash = compile_flash(load(device, "devices", FlashSpec, ("page.read=1 s", "clock=1 THz")).spec)
        channel = flash.packed.view(np.int64), new_flash_state().view(np.int64)
        unit = b.unit("c", flash.slot_fs, FLASH, 0)
        stride = int(flash.packed[0]["page_bursts"]) * flash.planes
    else:
        long = (f"timings.tRP={1 << 22}", "refresh.mode=off")
        standard = compile_standard(load(device, "devices", DeviceSpec, long).spec)
        address = compile_address(standard, ADDRESS_ORDER)
        params = np.concatenate([standard.packed.view(np.int64), address.view(np.int64)])
        channel = params, new_state(standard.packed).view(np.int64)
        unit = b.unit("c", standard.slot_fs, IN_ORDER, 0)
        stride = standard.columns * standard.banks
    for _ in range(4):
        b.stream(unit, label, Stream(READ, 0, 1 << 20, stride), [])
    with pytest.raises(RunTooLongError, match="longer than 4,612 s"):
        execute(b.build(), Hardware.of([channel]))
