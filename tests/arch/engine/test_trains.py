"""A train made in one pass has the operations, words and dependencies that its steps say."""

import numpy as np

from bankside.arch.causes import COMPUTE, LINK_SERIAL
from bankside.arch.dram.channel.source import READ, WRITE
from bankside.arch.engine.program import COSTS
from bankside.arch.engine.trains import COST, STREAM, TRAFFIC, Chained, alike, weave

CHANNEL, LINK, NETWORK, UNIT = range(4)
CHAIN = np.array([[CHANNEL, STREAM, 0, 0, 0], [LINK, COST, LINK_SERIAL, 0, 1], [NETWORK, TRAFFIC, 7, 1, 2]])
FIRST = 100


def woven(count):
    count = np.array(count, dtype=np.int64)
    steps = len(count)
    cycles = np.zeros((steps, COSTS), dtype=np.int64)
    cycles[:, 0] = 10 + np.arange(steps)
    amount = np.zeros((steps, 2, len(CHAIN)), dtype=np.int64)
    amount[:, :, 1:] = count[:, :, None] * [3, 64]
    return weave(
        Chained(
            FIRST, CHAIN, 1, 1000 * np.arange(2 * steps).reshape(-1, 2), count, amount, UNIT,
            np.array([COMPUTE, 1, 2, 3, 4]), cycles, 2, np.array([0, 1, 1]), np.array([50]), np.array([60, 61]),
        )
    )  # fmt: skip


def as_lists(train):
    """(unit, words, dependencies) of each operation."""
    work, dep = np.split(train.work, np.cumsum(train.words)), np.split(train.dep, np.cumsum(train.deps))
    return [(int(u), w.tolist(), d.tolist()) for u, w, d in zip(train.unit, work, dep, strict=False)]


def test_a_step_brings_computes_and_takes_away():
    train = woven([[4, 0], [0, 2], [5, 0]])
    assert train.tile_at.tolist() == [3, 4, 11]
    assert as_lists(train) == [
        (CHANNEL, [READ, 0, 1, 4, 0], [50]),
        (LINK, [LINK_SERIAL, 12], [100]),
        (NETWORK, [7, 256, 0, 1, 0], [101]),
        (UNIT, [COMPUTE, 10], [102, 60, 61]),
        (UNIT, [COMPUTE, 11], [103]),
        (CHANNEL, [WRITE, 3000, 1, 2, 0], [104]),
        (LINK, [LINK_SERIAL, 6], [105]),
        (NETWORK, [7, 128, 0, 1, 0], [106]),
        (CHANNEL, [READ, 4000, 1, 5, 0], [103]),
        (LINK, [LINK_SERIAL, 15], [108]),
        (NETWORK, [7, 320, 0, 1, 0], [109]),
        (UNIT, [COMPUTE, 12], [110, 104]),
    ]


def test_columns_that_are_alike_are_found():
    columns = np.array([[1, 1, 2, 1, 2, 2], [5, 5, 5, 6, 5, 6]])
    at, which = alike(columns)
    assert at.tolist() == [0, 2, 3, 5]
    assert (columns[:, at][:, which] == columns).all()
