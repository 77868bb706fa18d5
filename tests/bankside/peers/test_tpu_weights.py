"""Weight-bound trains against a cycle-by-cycle walk of fetch, shift and stream."""

from itertools import product

import pytest

from bankside.arch.pe.systolic.physical import gemm_cycles
from bankside.peers.tpu_weights import weight_train


def walk(tiles: int, rows: int, streamed: int, words: int, rate: int) -> tuple[int, int, int, int]:
    fetched = shifted = used = shift_left = stream_left = 0
    count = {"active": 0, "shift": 0, "stall": 0}
    cycle = 0
    while used < tiles or stream_left:
        if shift_left == 0 and shifted == used and shifted < tiles and fetched >= (shifted + 1) * words:
            shift_left = rows
        if stream_left:
            count["active"] += 1
        else:
            count["shift" if shift_left else "stall"] += 1
        fetched += rate
        if stream_left:
            stream_left -= 1
        if shift_left:
            shift_left -= 1
            shifted += shift_left == 0
        if stream_left == 0 and shifted > used:
            used, stream_left = used + 1, streamed
        cycle += 1
    return cycle, count["active"], count["shift"], count["stall"]


def test_equals_the_walk() -> None:
    for tiles, rows, streamed, words, rate in product((1, 2, 5), (1, 4), (1, 3, 6, 20), (4, 12, 40), (1, 3)):
        got = weight_train(tiles, rows, streamed, words, float(rate))
        assert got == walk(tiles, rows, streamed, words, rate), (tiles, rows, streamed, words, rate)
        assert got[0] == sum(got[1:])


def test_with_weights_at_hand_only_shifts_remain() -> None:
    total, active, shift, stall = weight_train(9, 4, 6, 16, 1e9)
    assert (active, shift, stall) == (54, 4, 1)
    assert total - 1 + 4 + 4 - 2 == gemm_cycles(0, 4, 4, 6, 12, 12, True)[0]


@pytest.mark.parametrize("streamed", [64, 200, 1349])
def test_tpu_tiles_come_every_1349_cycles(streamed: int) -> None:
    many, few = (weight_train(n, 256, streamed, 65536, 34e9 / 700e6) for n in (2000, 1000))
    assert (many[0] - few[0]) / 1000 == pytest.approx(65536 / 34e9 * 700e6, abs=2e-3)
