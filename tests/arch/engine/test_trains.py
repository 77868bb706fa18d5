"""A train made in one pass has the operations, words and dependencies that its steps say."""

import numpy as np

from bankside.arch.causes import COMPUTE, LAUNCH, LINK_SERIAL, NONLINEAR
from bankside.arch.dram.channel.source import READ, WRITE
from bankside.arch.engine.program import COSTS
from bankside.arch.engine.trains import COST, STREAM, TRAFFIC, Chained, Opens, Tiles, alike, weave

CHANNEL, LINK, NETWORK, UNIT = range(4)
CHAIN = np.array(
    [
        [CHANNEL, STREAM, 0, 0, 0, 0, 1],
        [LINK, COST, LINK_SERIAL, 0, 1, 2, 64],
        [NETWORK, TRAFFIC, 7, 1, 2, 0, 64],
    ]
)
RATE = np.array([0.0, 1 / 64, 1.0])
FIRST = 100


def woven(count):
    steps = len(count)
    cycles = np.zeros((steps, 1, COSTS), dtype=np.int64)
    cycles[:, 0, 0] = 10 + np.arange(steps)
    causes = np.array([[COMPUTE, 1, 2, 3, 4]])
    tiles = Tiles(np.arange(steps), np.full((steps, 1), UNIT), causes, cycles, np.array([8, 9]))
    outside = np.array([0, 1, 1]), np.array([50]), np.array([60, 61])
    none = Opens(np.zeros(steps, dtype=np.int64))
    moved = np.array(count, dtype=np.int64)
    return weave(Chained(FIRST, CHAIN, RATE, 1, 1000, 1010, moved, tiles, none, 2, *outside))


def as_lists(train):
    """(unit, words, dependencies) of each operation."""
    work, dep = np.split(train.work, np.cumsum(train.words)), np.split(train.dep, np.cumsum(train.deps))
    return [(int(u), w.tolist(), d.tolist()) for u, w, d in zip(train.unit, work, dep, strict=False)]


def test_a_step_brings_computes_and_takes_away():
    train = woven([[4, 0], [0, 2], [5, 0]])
    assert train.tile_at.tolist() == [3, 4, 11]
    assert as_lists(train) == [
        (CHANNEL, [READ, 1000, 1, 4, 0], [50]),
        (LINK, [LINK_SERIAL, 6], [100]),
        (NETWORK, [7, 256, 0, 1, 0], [101]),
        (UNIT, [COMPUTE, 10], [102, 60, 61]),
        (UNIT, [COMPUTE, 11], [103]),
        (CHANNEL, [WRITE, 1004, 1, 2, 0], [104]),
        (LINK, [LINK_SERIAL, 4], [105]),
        (NETWORK, [7, 128, 0, 1, 0], [106]),
        (CHANNEL, [READ, 0, 1, 5, 0], [103]),
        (LINK, [LINK_SERIAL, 7], [108]),
        (NETWORK, [7, 320, 0, 1, 0], [109]),
        (UNIT, [COMPUTE, 12], [110, 104]),
    ]


def test_tiles_of_parts_open_and_need_not_be_in_turn():
    """Two kinds of tiles, of two parts on units of their own; something is opened before the first and the last."""
    cycles = np.zeros((2, 2, COSTS), dtype=np.int64)
    cycles[:, :, 0] = [[5, 6], [7, 8]]
    causes = np.array([[COMPUTE, 1, 2, 3, 4], [NONLINEAR, 1, 2, 3, 4]])
    kinds = Tiles(
        np.array([0, 1, 0]), np.array([[UNIT, 5], [UNIT, 6]]), causes, cycles, np.array([7, 8, 9]), False
    )
    opens = Opens(np.array([1, 0, 1]), 4, LAUNCH, 30)
    outside = np.array([0, 0, 0]), np.array([], dtype=np.int64), np.array([60])
    count = np.array([[4, 0], [0, 0], [5, 0]])
    train = weave(Chained(FIRST, CHAIN[:1], RATE[:1], 1, 1000, 1010, count, kinds, opens, 2, *outside))
    assert train.tile_at.tolist() == [3, 5, 9]
    assert train.label.tolist() == [7, 7, 8, 9, 8, 9, 7, 7, 8, 9]
    assert as_lists(train) == [
        (CHANNEL, [READ, 1000, 1, 4, 0], []),
        (4, [LAUNCH, 30], [60]),
        (UNIT, [COMPUTE, 5], [101, 100, 60]),
        (5, [NONLINEAR, 6], [102]),
        (UNIT, [COMPUTE, 7], [60]),
        (6, [NONLINEAR, 8], [104]),
        (CHANNEL, [READ, 1004, 1, 5, 0], [103]),
        (4, [LAUNCH, 30], [105]),
        (UNIT, [COMPUTE, 5], [107, 106, 60]),
        (5, [NONLINEAR, 6], [108]),
    ]


def test_columns_that_are_alike_are_found():
    columns = np.array([[1, 1, 2, 1, 2, 2], [5, 5, 5, 6, 5, 6]])
    at, which = alike(columns)
    assert at.tolist() == [0, 2, 3, 5]
    assert (columns[:, at][:, which] == columns).all()
