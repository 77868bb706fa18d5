"""Streams around refreshes of all banks, on every device: a channel that remembers does what one without does."""

import numpy as np
import pytest
from tests.arch.dram.channel.in_order.memory.remembering import Channel, device, empty_memory, rows_of

from bankside.arch.dram.channel.in_order.memory.layout import DUE, HELD, LATE_STEPS, PERIOD, REGION
from bankside.arch.spec import names

DRAM = [name for name in names("devices") if not name.startswith("hbf")]
ORDERS = (
    ("row", "channel", "bank", "column", "bank_group", "pseudo_channel", "rank"),
    ("row", "channel", "rank", "bank", "column", "bank_group", "pseudo_channel"),
    ("row", "channel", "column", "bank", "bank_group", "pseudo_channel", "rank"),
)
LONGEST = 2100
"""Bursts: more than a period of banks of most devices."""


def around_refreshes(rng, interval, period, turns):
    """Streams that come some slots before or after a refresh falls due, some of them two in a row; those of a scenario
    begin at few places and have few lengths, so that they come again."""
    places = rng.integers(0, min(period, 1 << 16), 4)
    counts = rng.choice([20, 40, 191, 700, LONGEST], 3)
    gaps = (0, 0, 0, int(rng.integers(1, 60)))
    span, due = int(rng.choice([40, interval // 8, interval // 3, interval])), 0
    for _ in range(turns):
        due += interval * int(rng.integers(1, 4))
        kind, count = int(rng.integers(0, 2)), int(rng.choice(counts))
        stream = kind, int(rng.choice(places)), 1, count, gaps[rng.integers(4)]
        after = int(rng.integers(-span // 4, span))
        yield stream, due, [after] if rng.integers(4) else [after, after + int(rng.integers(0, 60))]


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAM)
def test_streams_around_refreshes_are_served_as_without_a_memory(name):
    rng = np.random.default_rng(sum(name.encode()))
    known = 0
    for k in range(12):
        levels = () if k % 4 < 2 else ("levels.rank=2",)
        standard, address = device(name, ("refresh.mode=all_bank", *levels), ORDERS[k % 3], bool(k % 2))
        memory, interval = empty_memory(standard, address), int(standard.packed[0]["refresh_interval"])
        if memory[REGION] == 0:
            continue
        multiplier, depth = int(rng.integers(1, 3)), int(rng.choice([1, 4, 32, 64]))
        plain = Channel(standard, address, None, multiplier, depth)
        remembering = Channel(standard, address, memory, multiplier, depth)
        interval //= multiplier
        end = 0
        for stream, due, afters in around_refreshes(rng, interval, int(memory[PERIOD]), 300):
            due = max(due, -(-end // interval) * interval)
            for after in afters:
                arrival = max(0, due + after)
                found = plain.run(stream, arrival)
                assert remembering.run(stream, arrival) == found, (k, stream, arrival)
                end = found[0]
        rows = rows_of(memory, LATE_STEPS)
        known += int(((memory[rows + DUE] >= 0) | (memory[rows + HELD] > 0)).sum())
    assert known > 100
