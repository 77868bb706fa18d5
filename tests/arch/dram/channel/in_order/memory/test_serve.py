"""A channel that remembers and one that does not do the same, and what repeats is served once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.arch.dram.channel.in_order.memory.remembering import ORDER, Channel, device, empty_memory, rows_of

from bankside.arch.dram.channel.in_order.memory.late import CALM, MISSED, MOST_MISSED
from bankside.arch.dram.channel.in_order.memory.layout import (
    DUE,
    HELD,
    LATE_STEPS,
    LATE_WAITS,
    PERIOD,
    REGION,
    STEPS,
)
from bankside.arch.dram.channel.source import READ, WRITE

DEVICES = ("hbm3", "lpddr5", "ddr4-2400", "hbm3-attacc")
ROW_INSIDE = ("channel", "bank", "row", "column", "bank_group", "pseudo_channel", "rank")

streams = st.tuples(
    st.sampled_from([READ, WRITE]),
    st.sampled_from([0, 0, 0, 64, 1000, 4096]),  # bursts left out before it
    st.sampled_from([1, 1, 1, 3]),
    st.sampled_from([1, 7, 64, 96, 300]),
    st.sampled_from([0, 0, 0, 9]),
)
waits = st.sampled_from([0, 0, 0, 5, 300, 2500, 70_000])


@st.composite
def repeated(draw):
    """A few streams, over and over, with some that come between."""
    body = draw(st.lists(st.tuples(streams, waits), min_size=1, max_size=4))
    turns = [draw(st.integers(4, 30)) for _ in range(2)]
    odd = draw(st.lists(st.tuples(streams, waits), max_size=2))
    return [*body * turns[0], *odd, *body * turns[1]]


@given(
    work=repeated(),
    name=st.sampled_from(DEVICES),
    order=st.sampled_from([ORDER, ROW_INSIDE]),
    hashed=st.booleans(),
    multiplier=st.sampled_from([1, 2]),
    depth=st.sampled_from([1, 32, 64]),
)
@settings(max_examples=60, deadline=None)
def test_memory_changes_nothing(work, name, order, hashed, multiplier, depth):
    """Two channels with one memory, as two classes of channels have it: the second meets what the first has left."""
    standard, address = device(name, (), order, hashed)
    memory = empty_memory(standard, address)
    for offset in (0, 17 * standard.columns):
        plain = Channel(standard, address, None, multiplier, depth)
        remembering = Channel(standard, address, memory, multiplier, depth)
        first, arrival = offset, 0
        for (kind, skip, stride, count, gap), wait in work:
            stream = kind, first + skip, stride, count, gap
            found = plain.run(stream, arrival)
            assert remembering.run(stream, arrival) == found
            first += skip + stride * count
            arrival = arrival + wait if wait < 10 else found[0] + wait


@pytest.mark.parametrize("name", DEVICES)
def test_a_train_of_equal_streams_is_learnt_once(name):
    """Without refreshes a train of whole rows has one step; with them no more than there are places of a refresh."""
    standard, address = device(name, ("refresh.mode=off",))
    memory = empty_memory(standard, address)
    channel, plain = Channel(standard, address, memory), Channel(standard, address)
    count = standard.columns * standard.bank_groups
    ends = np.array(
        [[c.run((READ, k * count, 1, count, 0), 0)[0] for c in (channel, plain)] for k in range(400)]
    )
    assert (ends[:, 0] == ends[:, 1]).all()
    assert 1 <= len(rows_of(memory, STEPS)) <= 8 * standard.banks_per_group


@pytest.mark.parametrize("name", ["hbm3", "ddr4-2400"])
def test_where_in_its_rows_a_stream_begins_makes_no_difference(name):
    """61 bursts at each place of all four regions; only those that reach into the next are learnt place by place."""
    standard, address = device(name, ("refresh.mode=off",))
    memory = empty_memory(standard, address)
    channel, plain = Channel(standard, address, memory), Channel(standard, address)
    for k in range(6000):
        stream = READ, 61 * k, 1, 61, 0
        assert channel.run(stream, 0) == plain.run(stream, 0)
    assert 0 < len(rows_of(memory, STEPS)) < memory[PERIOD] // 2


def known_without_refresh(memory):
    """Late streams that are known and end before the next refresh."""
    return np.count_nonzero(memory[rows_of(memory, LATE_STEPS) + DUE] == CALM)


@pytest.mark.parametrize(("name", "wait"), [("hbm3-attacc", 20), ("ddr4-2400", 2_000)])
def test_streams_that_come_late_are_learnt_once_wherever_they_begin(name, wait):
    """191 bursts begin at each place of a region, whose rows are closed or others; of those that come soon after a late
    one, this one is served after all."""
    standard, address = device(name)
    memory = empty_memory(standard, address)
    channel, plain = Channel(standard, address, memory), Channel(standard, address)
    arrival = 0
    for k in range(3000):
        stream = READ, 191 * k, 1, 191, 0
        found = plain.run(stream, arrival)
        assert channel.run(stream, arrival) == found
        arrival = found[0] + (wait if k % 5 == 4 else 2_000)
    assert 0 < known_without_refresh(memory) < 3 * memory[REGION]


@pytest.mark.parametrize(
    ("name", "depth", "hashed"), [("hbm3", 64, False), ("ddr4-2400", 32, True), ("lpddr5", 1, False)]
)
def test_late_streams_with_refreshes_are_known_by_when_these_come(name, depth, hashed):
    """Streams at some places, at some distances from a refresh, over and over; some are followed at once by another."""
    standard, address = device(name, ("refresh.mode=all_bank",), ORDER, hashed)
    memory = empty_memory(standard, address)
    channel = Channel(standard, address, memory, 1, depth)
    plain = Channel(standard, address, None, 1, depth)
    rng, interval, due = np.random.default_rng(3), int(standard.packed[0]["refresh_interval"]), 0
    known = []
    for k in range(2000):
        count = (191, 40, 700, 3 * memory[PERIOD] // 2)[k % 4]
        stream = int(rng.integers(0, 2)), int(rng.integers(0, 4)) * 96, 1, int(count), 0
        due += 4 * interval
        arrival = due - int(rng.integers(0, 4)) * 130
        for at in (arrival, arrival + 40) if rng.integers(0, 5) == 0 else (arrival,):
            found = plain.run(stream, at)
            assert channel.run(stream, at) == found
            due = max(due, found[0])
        due += -due % interval
        known.append(len(rows_of(memory, LATE_STEPS)))
    assert known[-1] > 50
    assert known[-1] - known[1000] < known[1000] - known[0]


@pytest.mark.parametrize(
    ("name", "depth", "hashed"),
    [("hbm3", 64, False), ("ddr4-2400", 32, True), ("gddr6", 32, False), ("ddr5-4800", 1, False)],
)
def test_streams_that_a_refresh_holds_up_are_known_whenever_they_come(name, depth, hashed):
    """Streams at some places come at any slot while a refresh holds all banks up, and before and after: they are learnt
    at two of these, and each waits for as long as it does without a memory."""
    standard, address = device(name, ("refresh.mode=all_bank",), ORDER, hashed)
    memory = empty_memory(standard, address)
    channel = Channel(standard, address, memory, 1, depth)
    plain = Channel(standard, address, None, 1, depth)
    rng, interval, due = np.random.default_rng(5), int(standard.packed[0]["refresh_interval"]), 0
    for k in range(2400):
        due += 4 * interval
        before = READ, int(rng.integers(0, 4)) * 1000, 1, 20, 0
        stream = k % 2, (k % 6) * 32, 1, 40 + 160 * (k % 3), 0
        for work, at in (
            (before, due - interval // 2),
            (stream, due + int(rng.integers(-20, interval // 6))),
        ):
            found = plain.run(work, at)
            assert channel.run(work, at) == found
    rows = rows_of(memory, LATE_STEPS)
    assert np.count_nonzero(memory[rows + LATE_WAITS] >= 0) > 5
    assert np.count_nonzero(memory[rows + HELD]) < 100


def test_late_streams_of_which_none_comes_again_are_looked_for_no_more():
    standard, address = device(DEVICES[0])
    memory = empty_memory(standard, address)
    channel, rng, arrival = Channel(standard, address, memory), np.random.default_rng(1), 0
    channel.note[MISSED] = MOST_MISSED - 100
    for _ in range(400):
        stream = READ, int(rng.integers(0, 1 << 20)), 1, int(rng.integers(16, 4000)), 0
        arrival = channel.run(stream, arrival)[0] + 9_000
    assert 0 < known_without_refresh(memory) <= 110


def test_memory_rests_where_nothing_repeats():
    standard, address = device(DEVICES[0])
    memory = empty_memory(standard, address)
    channel, rng = Channel(standard, address, memory), np.random.default_rng(1)
    for _ in range(1000):
        channel.run((READ, int(rng.integers(0, 1 << 20)), 1, int(rng.integers(1, 40)), 0), 0)
    assert len(rows_of(memory, STEPS)) < 300
