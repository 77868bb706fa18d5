"""A channel that remembers programs and one that does not do the same, and what comes again is served once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.arch.dram.channel.pim.memory.programs import DEVICES, Channel, empty_memory
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.pim.controller import AHEAD, FENCED, Controller
from bankside.arch.dram.channel.pim.memory.layout import ENTRIES, PARTS, PHASES, STATES, STEPS, TOOK
from bankside.arch.dram.channel.pim.memory.walk import MOST_CREDIT
from bankside.arch.dram.channel.pim.program import FIELDS, HEAD, NO_ROW, PimProgram, words
from bankside.arch.dram.channel.source import READ, WRITE
from bankside.arch.dram.channel.tables import COUNT, ROOM, WIDTH, row_at
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR
from bankside.arch.dram.device.session import DATA, OPERAND, RESULT

pieces = st.tuples(
    st.sampled_from([0, 1, 8, 40]),  # bursts of the operand
    st.sampled_from([1, 16, 32, 200]),  # columns past the lanes
    st.sampled_from([0, 0, 1, 8]),  # bursts of results
    st.sampled_from([0, 0, 9 * 32 + 1, 300 * 32 + 1]),  # pace of the lanes
    st.booleans(),  # a fence
)


def program_of(standard, body, times, first, row=0, stored=-1):
    """A body of pieces, over and over in rows that follow one another; with `stored` results are written there."""
    program, std = PimProgram(), standard.packed[0]
    slices, size = int(std["slices"]), int(std["slice_banks"])
    heads = [int(std["member"][s * size]) for s in range(slices)]
    rows, columns, place, kept = standard.rows - 4, standard.columns, first * standard.columns, 0
    for _ in range(times):
        for write, count, read, gap, fence in body:
            program.add(PIM_WR, heads[-1], NO_ROW, range(write), OPERAND)
            while count:
                here = min(count, columns - place % columns)
                segment = place // columns
                program.add(
                    MAC, heads[segment % slices], (row + segment // slices) % rows,
                    range(place % columns, place % columns + here), DATA, gap,
                )  # fmt: skip
                count, place = count - here, place + here
            if stored >= 0 and read:
                program.add(PIM_WR, heads[-1], (stored + kept // columns) % rows, range(1), RESULT)
                kept += 1
            else:
                program.add(PIM_RD, heads[0], NO_ROW, range(read), RESULT)
            if fence:
                program.fence()
    return words(program.entries(), True, stored, rows)


def both(device, controller, work, memory, multiplier=1):
    """The same work on a channel that remembers and on one that does not."""
    arrival, found = 0, []
    plain, remembering = (Channel(device, controller, held, multiplier) for held in (None, memory))
    for is_program, each, wait in work:
        served = [
            (channel.program if is_program else channel.stream)(each, arrival)
            for channel in (plain, remembering)
        ]
        assert served[0] == served[1]
        arrival = served[0][0] + wait
        found.append(served[0])
    return found


CASES = st.fixed_dictionaries(
    {
        "device": st.sampled_from(DEVICES),
        "controller": st.builds(
            Controller, st.sampled_from([AHEAD, FENCED]), st.sampled_from([4, 32, 64]),
            st.sampled_from([0, 0, 2]), st.sampled_from([0, 0, 5]),
        ),
        "bodies": st.lists(st.lists(pieces, min_size=1, max_size=4), min_size=1, max_size=2),
        "rows": st.sampled_from([0, 7, 3000]),
        "stored": st.sampled_from([-1, -1, 2, 40]),
        "multiplier": st.sampled_from([1, 2]),
    }
)  # fmt: skip


def check(device, controller, bodies, rows, stored, multiplier):
    """Programs that come again, in other rows, with streams between them; another channel with the same memory, and one
    that is refreshed at another rate."""
    standard = compiled(device[0], (), device[1])
    memory = empty_memory(standard)
    first, second = bodies[0], bodies[-1]
    work = [
        (True, program_of(standard, first, 60, 0, rows, stored), 0),
        (False, (READ, 640, 1, 300, 0), 40),
        (True, program_of(standard, second, 50, 11, rows, stored), 90_000),
        (False, (WRITE, 64_000, 1, 700, 0), 0),
        (True, program_of(standard, [*first, *second], 40, 900, rows, stored), 0),
        (False, (READ, 0, 3, 500, 9), 0),
    ]
    for each in (multiplier, multiplier, 3 - multiplier):
        both(device, controller, work, memory, each)


@given(case=CASES)
@settings(max_examples=12, deadline=None)
def test_memory_changes_nothing(case):
    check(**case)


@pytest.mark.slow  # 400 of the same, some minutes
@given(case=CASES)
@settings(max_examples=400, deadline=None)
def test_memory_changes_nothing_of_many(case):
    check(**case)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", [AHEAD, FENCED])
def test_what_comes_again_is_served_once(device, kind):
    """A loop over rows needs no more steps however long it is, but for places of refreshes in it."""
    standard = compiled(device[0], ("refresh.mode=off",), device[1])
    body, found = [(8, 2 * standard.columns, 0, 0, True)], []
    for times in (300, 2400):
        memory = empty_memory(standard)
        channel = Channel(device, Controller(kind, 32), memory)
        channel.standard, channel.packed = standard, standard.packed
        channel.state[0]["refresh_due"] = 1 << 62
        channel.program(program_of(standard, body, times, 0), 0)
        found.append((int(memory[STATES + COUNT]), int(memory[STEPS + COUNT])))
    assert found[1][0] <= found[0][0] <= 60
    assert found[1][1] <= found[0][1] + 60


def test_a_program_that_never_repeats_rests():
    """Where nothing is found the rest of a program is served without its memory."""
    device, rng = DEVICES[0], np.random.default_rng(3)
    standard = compiled(device[0], (), device[1])
    body = [(8, int(n), 1, int(gap) * 32 + 1, False) for n, gap in rng.integers(20, 400, (2500, 2))]
    memory = empty_memory(standard)
    both(device, Controller(AHEAD, 32), [(True, program_of(standard, body, 1, 0), 0)], memory)
    assert 0.9 * MOST_CREDIT < memory[STEPS + COUNT] < 1.4 * MOST_CREDIT


@pytest.mark.parametrize("kind", [AHEAD, FENCED])
def test_what_is_left_of_a_program_that_rests_is_known_when_it_comes_again(kind):
    """On a channel that stands as the first did; a loop behind it is told once it is."""
    device, rng = DEVICES[0], np.random.default_rng(4)
    standard, counts = compiled(device[0], (), device[1]), []
    body = [(8, int(n), 1, int(gap) * 32 + 1, False) for n, gap in rng.integers(20, 400, (2500, 2))]
    turn = [(8, 4 * standard.columns, 1, 0, True)] * 5
    before, again = (
        program_of(standard, each, 1, 0, row)[HEAD:].reshape(-1, len(FIELDS))
        for each, row in ((body, 0), (turn, 7))
    )
    loop = np.array([[len(before), len(again), 9]], np.int64)
    program = words(np.concatenate([before, again]), True, -1, standard.rows - 4, loop)
    memory = empty_memory(standard)
    for _ in range(3):
        both(device, Controller(kind, 32), [(True, program, 0)], memory)
        counts.append(int(memory[STEPS + COUNT]))
    assert 0.9 * MOST_CREDIT < counts[0] <= counts[1] < counts[0] + 200
    assert counts[2] == counts[1]


@pytest.mark.parametrize("strides", [300, 301])
def test_what_is_left_stands_for_nothing_shorter(strides):
    """Behind strides none of which comes again: what is left is alike, and as long as some longer part or not."""
    device, rng = DEVICES[0], np.random.default_rng(4)
    standard = compiled(device[0], (), device[1])
    odd = rng.integers((20, 20), (31, 400), (MOST_CREDIT - 2, 2))
    body = [(8, int(n), 0, int(gap) * 32 + 1, False) for n, gap in odd]
    program = program_of(standard, body + [(8, 32, 0, 0, True)] * strides, 1, 0)
    memory = empty_memory(standard)
    served = [Channel(device, Controller(FENCED, 32), memory, 1).program(program, 0) for _ in range(4)]
    assert served[1:] == served[:1] * 3


@pytest.mark.parametrize(("table", "room"), [(STATES, 40), (PHASES, 40), (STEPS, 40), (TOOK, 90)])
def test_a_full_memory_begins_anew(table, room):
    device = DEVICES[0]
    standard = compiled(device[0], (), device[1])
    memory = empty_memory(standard)
    memory[table + ROOM] = room
    body = [(8, 64, 1, 0, False), (8, 96, 1, 0, False), (8, 200, 0, 0, True)]
    work = [(True, program_of(standard, body, 300, first), 0) for first in (0, 5, 11)]
    both(device, Controller(AHEAD, 32), work[:1], memory)
    words = 20 if table == TOOK else memory[table + WIDTH]
    first = memory[row_at(memory, table, 0) :][:words].copy()
    both(device, Controller(AHEAD, 32), work, memory)
    assert 0 < memory[table + COUNT] <= room
    assert memory[row_at(memory, table, 0) :][:words].tolist() != first.tolist()


@pytest.mark.parametrize("kind", [AHEAD, FENCED])
@pytest.mark.parametrize("table", [ENTRIES, PARTS])
def test_a_program_that_there_is_no_room_for_is_served(table, kind):
    """Wherever room ends: by itself, in a loop, and where the loop's first turn is known."""
    device = DEVICES[0]
    standard = compiled(device[0], (), device[1])
    head, turns = int(standard.packed[0]["member"][0]), []
    for row in (10, 18):
        turn = PimProgram()
        for _ in range(6):
            turn.add(PIM_WR, head, NO_ROW, range(8), OPERAND)
            turn.add(MAC, head, row, range(40), DATA)
            turn.fence()
        turns.append(turn.entries())
    own = len(turns[0])
    loops = np.array([[0, own, 8], [own, own, 12]], np.int64)
    program = words(np.concatenate(turns), True, -1, standard.rows - 4, loops)
    for room in range(1, 24):
        memory = empty_memory(standard)
        memory[table + ROOM] = room
        both(device, Controller(kind, 4), [(True, program, 0)], memory)
        both(device, Controller(kind, 4), [(True, program, 0)], memory)


@given(
    device=st.sampled_from(DEVICES),
    kind=st.sampled_from([AHEAD, FENCED]),
    body=st.lists(pieces, min_size=1, max_size=3),
    around=st.lists(pieces, min_size=1, max_size=2),
    times=st.sampled_from([4, 5, 12, 150]),
    least=st.sampled_from([100, 400, 900]),
)
@settings(max_examples=20, deadline=None)
def test_a_loop_is_what_it_is_unrolled(device, kind, body, around, times, least):
    """With a memory, which goes over turns that it knows, and without one; before it and behind it stands something."""
    standard = compiled(device[0], (), device[1])
    memory = empty_memory(standard)
    many = -(-least // sum(each[0] + each[1] + each[2] for each in body))  # passes of a turn
    before, turn, after = (
        program_of(standard, each, n, 0, row)[HEAD:].reshape(-1, len(FIELDS))
        for each, n, row in ((around, 3, 0), (body, many, 5), (around, 3, 900))
    )
    loop = np.array([[len(before), len(turn), times]], np.int64)
    rows = standard.rows - 4
    looped = words(np.concatenate([before, turn, after]), True, -1, rows, loop)
    written = words(np.concatenate([before, *[turn] * times, after]), True, -1, rows)
    arrival = 0
    channels = [Channel(device, Controller(kind, 32), held) for held in (None, memory, None)]
    for _ in range(2):
        ends = [
            channel.program(each, arrival)
            for channel, each in zip(channels, (written, looped, looped), strict=True)
        ]
        assert ends[0] == ends[1] == ends[2]
        streams = [channel.stream((READ, 640, 1, 300, 0), ends[0][0]) for channel in channels]
        assert streams[0] == streams[1] == streams[2]
        arrival = streams[0][0] + 50


def test_channels_that_streams_left_differently_stand_alike():
    """What banks waited for before a program, and when what was over long before, tells no states apart."""
    device = DEVICES[3]
    standard = compiled(device[0], (), device[1])
    memory = empty_memory(standard)
    program = program_of(standard, [(8, 70, 1, 0, True)], 200, 0)
    counts, begin = [], 100_000
    for stream in ((READ, 0, 1, 3000, 0), (READ, 77, 5, 2000, 0)):
        channel, plain = (Channel(device, Controller(AHEAD, 32), held) for held in (memory, None))
        for each in (channel, plain):
            end, *_ = each.stream(stream, 0)
            each.state[0]["refresh_due"] = 1 << 60
        assert end < begin
        assert channel.state[0]["wait"].any()
        assert channel.program(program, begin) == plain.program(program, begin)
        assert (channel.state[0]["wait"] == plain.state[0]["wait"]).all()
        counts.append(int(memory[STATES + COUNT]))
    assert counts[0] > 1 and counts[1] - counts[0] <= 1  # before its first command, that is
