"""Channels that could run PIM programs remember streams where a run has none; else no stream is looked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.arch.dram.channel.in_order.memory.remembering import rows_of
from tests.arch.dram.channel.pim.memory.programs import DEVICES, ORDER
from tests.arch.dram.channel.pim.memory.test_serve import program_of
from tests.arch.dram.conftest import compiled
from tests.remembering import no_brief_kinds

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.channel.in_order.kind import advance
from bankside.arch.dram.channel.in_order.memory.layout import LATE_STEPS, STEPS
from bankside.arch.dram.channel.params import STATE_WORDS, channel_params
from bankside.arch.dram.channel.pim.controller import AHEAD, FENCED, Controller
from bankside.arch.dram.channel.pim.kind import (
    IN_ORDER_PIM,
    WINDOW_WORDS,
    in_order,
    in_order_briefly,
    with_window,
)
from bankside.arch.dram.channel.pim.memory.layout import PARTS
from bankside.arch.dram.channel.pim.program import NO_ROW, PimProgram, words
from bankside.arch.dram.channel.pim.streams import crowded, is_blank, new_memory, programs_from
from bankside.arch.dram.channel.policy import IN_ORDER_POLICY
from bankside.arch.dram.channel.source import PIM, READ, WRITE
from bankside.arch.dram.channel.tables import COUNT, ROOM
from bankside.arch.dram.device.address import compile_address
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR, RD, WR
from bankside.arch.engine.execute import execute, plain_kinds
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.kinds import FAILED
from bankside.arch.engine.program import Program, ProgramBuilder
from bankside.arch.events import N_EVENT


class Channel:
    """One channel as lowering sets it up, asked through the functions of its kinds."""

    def __init__(self, device, controller=AHEAD, mode="all_bank", multiplier=1):
        self.standard = compiled(device[0], (f"refresh.mode={mode}",), device[1])
        packed = self.standard.packed
        self.params = channel_params(packed, compile_address(self.standard, ORDER))
        start = IN_ORDER_POLICY.start(packed, 32, multiplier, False)
        self.state = with_window(start, packed, Controller(controller, 32))

    def memory(self):
        """Room for all that such channels may remember."""
        head, size = new_memory(self.params)
        memory = np.zeros(size, dtype=np.int64)
        memory[: len(head)] = head
        return memory

    def run(self, kind, memory, work, arrival):
        """End, slots by cause and events."""
        causes, events = np.zeros(N_CAUSE + 1, np.int64), np.zeros(N_EVENT, np.int64)
        end = kind(
            self.params, self.state, memory, np.array(work, np.int64), arrival, 1 << 60, causes, events
        )
        return int(end), causes.tolist(), events.tolist()

    def program(self, entries):
        """A program of (command, slice, row, columns, fence), of single banks or of slices."""
        program, std = PimProgram(), self.standard.packed[0]
        slices, single = int(std["slices"]), entries[0][0] in (RD, WR)
        for command, place, row, count, fence in entries:
            if command in ((MAC,) if single else (RD, WR)):
                continue
            bank = int(std["member"][place % slices * int(std["slice_banks"])])
            program.add(command, bank, row if command in (RD, WR, MAC) else NO_ROW, range(count))
            if fence:
                program.fence()
        return words(program.entries(), leave=len(entries) % 2 == 0)


NOTHING = np.zeros(0, dtype=np.int64)
STREAMS = st.tuples(
    st.sampled_from([READ, WRITE]),
    st.sampled_from([0, 64, 100, 4096]),
    st.sampled_from([1, 1, 3]),
    st.sampled_from([1, 20, 96, 300, 2100]),
    st.sampled_from([0, 0, 9]),
)
WAITS = st.sampled_from([0, 0, 5, 300, 2500, 70_000])
PROGRAMS = st.lists(
    st.tuples(
        st.sampled_from([PIM_RD, PIM_WR, MAC, RD, WR]),
        st.integers(0, 7),
        st.integers(0, 1),
        st.integers(1, 9),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def channels(*modes):
    """A device, a controller, how it is refreshed and how often.

    What a host sends in any order up to a fence may wait for a row of one bank of a slice to be closed, which a refresh
    alone does then: no such host is drawn without refreshes."""
    drawn = st.tuples(
        st.sampled_from(DEVICES),
        st.sampled_from([AHEAD, FENCED]),
        st.sampled_from(["all_bank", *modes]),
        st.sampled_from([1, 2]),
    )
    return drawn.filter(lambda of: of[1:3] != (FENCED, "off"))


@given(
    body=st.lists(st.tuples(STREAMS, WAITS), min_size=1, max_size=4),
    turns=st.integers(3, 12),
    of=channels("per_bank", "off"),
)
@settings(max_examples=40, deadline=None)
def test_streams_alone_end_as_without_a_memory_and_nothing_goes_on_from_there(body, turns, of):
    plain, remembering = Channel(*of), Channel(*of)
    memory, arrival = plain.memory(), 0
    for work, wait in body * turns:
        found = plain.run(in_order_briefly, NOTHING, work, arrival)
        assert remembering.run(advance, memory, work, arrival) == found
        arrival = (found[0] if wait else arrival) + wait
    assert is_blank(plain.state[STATE_WORDS:-WINDOW_WORDS])
    for work in (plain.program([(PIM_RD, 0, 0, 1, False)]), (READ, 0, 1, 64, 0)):
        assert plain.run(in_order_briefly, NOTHING, work, arrival)[0] > arrival
        if not is_blank(remembering.state[STATE_WORDS:-WINDOW_WORDS]):
            assert remembering.run(in_order_briefly, NOTHING, work, arrival)[0] == FAILED
            assert remembering.run(in_order, memory, work, arrival)[0] == FAILED


@given(st.lists(st.tuples(st.one_of(STREAMS, PROGRAMS), WAITS, st.booleans()), max_size=12), channels("off"))
@settings(max_examples=40, deadline=None)
def test_programs_are_remembered_behind_streams(asked, of):
    plain, remembering = Channel(*of), Channel(*of)
    memory, arrival = plain.memory(), 0
    for each, wait, briefly in asked * 2:
        work = plain.program(each) if isinstance(each, list) else each
        found = plain.run(in_order_briefly, NOTHING, work, arrival)
        kind = in_order_briefly if briefly else in_order
        assert remembering.run(kind, memory, work, arrival) == found
        arrival = (found[0] if wait else arrival) + wait
    assert memory[STEPS + COUNT] == memory[LATE_STEPS + COUNT] == 0


@pytest.mark.parametrize("device", DEVICES)
def test_a_memory_of_both_learns_each(device):
    streams, programs = Channel(device), Channel(device)
    memory, arrival = streams.memory(), 0
    for k in range(3000):
        arrival = streams.run(advance, memory, (READ, k * 96, 1, 96, 0), arrival)[0] + 2_000
    assert 0 < len(rows_of(memory, STEPS)) + len(rows_of(memory, LATE_STEPS)) < 1_000
    own = memory[programs_from(memory) :]
    assert own[PARTS + COUNT] == 0
    program = program_of(streams.standard, [(8, 96, 1, 0, False)], 40, 1)
    programs.run(in_order, memory, program, 0)
    assert own[PARTS + COUNT] > 0
    assert not crowded(memory)
    for table in (memory[STEPS:], own[PARTS:]):
        before = int(table[COUNT])
        table[COUNT] = table[ROOM]
        assert crowded(memory)
        table[COUNT] = before


def test_a_channel_that_knows_no_programs_refuses_them():
    channel = Channel(DEVICES[0])
    assert channel.run(advance, channel.memory(), channel.program([(MAC, 0, 0, 4, False)]), 0)[0] == FAILED


def programs_of(phases) -> list[Program]:
    """A program a phase, each of streams and PIM programs on one of two channels, after the one before it or not."""
    built = []
    for phase in phases:
        builder = ProgramBuilder()
        channels = [builder.unit(f"channel {part}", 625_000, IN_ORDER_PIM, part) for part in range(2)]
        label, before = builder.label("x"), []
        for part, work, follows in phase:
            bursts = 0 if work[0] == PIM else int(work[3])
            before = [
                builder.op(channels[part], label, np.array(work, np.int64), before if follows else [], bursts)
            ]
        built.append(builder.build())
    return built


@given(
    st.data(),
    st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=6),
    channels("off"),
)
@settings(max_examples=30, deadline=None)
def test_phases_of_any_kind_end_as_without_a_memory(data, runs, of):
    """Runs of several phases share a memory; each begins on fresh channels, whose states go from phase to phase."""
    channel = Channel(*of)
    memory = channel.memory()
    streams = st.tuples(st.integers(0, 1), STREAMS, st.booleans())
    asked = st.tuples(st.integers(0, 1), PROGRAMS.map(channel.program), st.booleans())
    kinds = {
        alone: st.lists(st.lists(streams if alone else st.one_of(streams, asked), max_size=8), max_size=3)
        for alone in (True, False)
    }
    drawn = {alone: data.draw(kinds[alone]) for alone in {alone for _, alone in runs}}
    with no_brief_kinds():
        for turns, alone in runs:
            phases = programs_of([phase * (1 + turns) for phase in drawn[alone]])
            plain = plain_kinds(phases)
            assert ("in-order with PIM" in plain) <= all(
                PIM not in phase.work[phase.work_start[:-1]] for phase in phases
            )
            ends = []
            for remembers in (False, True):
                hardware, found, now = Hardware.of([(channel.params, channel.state)] * 2), [], 0
                if remembers:
                    hardware = hardware.remembering(memory, [(0, len(memory))] * 2)
                for phase in phases:
                    line = execute(phase, hardware, now, plain)
                    now += line.total_fs
                    found.append(
                        [each.tolist() for each in (line.start_fs, line.end_fs, line.causes, line.events)]
                    )
                    found.append(line.path_fs.tolist())
                ends.append(found)
            assert ends[0] == ends[1]
