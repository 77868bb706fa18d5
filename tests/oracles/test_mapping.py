"""Coverage finds seeded faults; walked bytes equal footprint times refetches; the search finds optima."""

import itertools
from math import ceil

import pytest
from tests.oracles.mapping import (
    OPERANDS,
    Block,
    Gemm,
    Tiling,
    best_tiling,
    blocks,
    buffer_bytes,
    coverage_errors,
    every_tiling,
    moved,
)

WORDS = {"a": 2, "b": 1, "c": 4}
ORDERS = ["".join(p) for p in itertools.permutations("mnk")]


def refetches(gemm: Gemm, tiling: Tiling, operand: str) -> int:
    """Closed form: loops around an operand's innermost own loop that are not its own each fetch it again.

    A loop of one iteration moves nothing.
    """
    counts = {x: ceil(getattr(gemm, x) / getattr(tiling.tile, x)) for x in "mnk"}
    real = [x for x in tiling.order if counts[x] > 1]
    own = [i for i, x in enumerate(real) if x in OPERANDS[operand]]
    outside = real[: own[-1]] if own else []
    times = 1
    for x in outside:
        times *= 1 if x in OPERANDS[operand] else counts[x]
    return times


def test_every_tiling_covers_every_product_once() -> None:
    gemm = Gemm(5, 4, 3)
    for tiling in every_tiling(gemm, WORDS, 10**6):
        assert coverage_errors(gemm, blocks(gemm, tiling)) == []


def test_seeded_faults_of_coverage_are_found() -> None:
    gemm = Gemm(4, 4, 4)
    good = list(blocks(gemm, Tiling(Gemm(2, 2, 2), "mnk")))
    assert len(coverage_errors(gemm, good[1:])) == 8
    assert all("2 times" in e for e in coverage_errors(gemm, [*good, good[3]]))
    shifted = [Block(range(3, 5), *good[-1][1:]), *good[:-1]]
    messages = coverage_errors(gemm, shifted)
    assert sum("outside" in e for e in messages) == 4
    assert sum("never" in e for e in messages) == 4


def test_t1_bytes_are_footprint_times_refetches() -> None:
    gemm = Gemm(7, 5, 6)
    footprint = {"a": 7 * 6 * 2, "b": 6 * 5 * 1, "c": 7 * 5 * 4}
    for tile, order in itertools.product(itertools.product([1, 2, 3, 7], [1, 2, 5], [1, 4, 6]), ORDERS):
        tiling = Tiling(Gemm(*tile), order)
        got = moved(gemm, tiling, WORDS)
        for operand in "ab":
            assert got.read_byte[operand] == footprint[operand] * refetches(gemm, tiling, operand), tiling
        times = refetches(gemm, tiling, "c")
        assert got.write_byte["c"] == footprint["c"] * times, tiling
        assert got.read_byte.get("c", 0) == footprint["c"] * (times - 1), tiling


def test_hand_counted_bytes() -> None:
    # Two k tiles inside: C stays; A is read once per n tile, B once per m tile.
    got = moved(Gemm(4, 4, 4), Tiling(Gemm(2, 4, 2), "mnk"), {"a": 1, "b": 1, "c": 1})
    assert got.read_byte == {"a": 16, "b": 32}
    assert got.write_byte == {"c": 16}
    # k outermost: each C tile leaves and comes back once.
    got = moved(Gemm(4, 4, 4), Tiling(Gemm(2, 2, 2), "kmn"), {"a": 1, "b": 1, "c": 1})
    assert got.write_byte == {"c": 32}
    assert got.read_byte == {"a": 16, "b": 32, "c": 16}


def test_buffer_holds_one_tile_of_each_operand_twice() -> None:
    assert buffer_bytes(Gemm(2, 3, 5), WORDS) == 2 * (2 * 5 * 2 + 5 * 3 * 1 + 2 * 3 * 4)
    assert buffer_bytes(Gemm(2, 3, 5), WORDS, buffers=1) == 2 * 5 * 2 + 5 * 3 + 2 * 3 * 4


def test_search_finds_the_least_traffic() -> None:
    gemm, words = Gemm(6, 6, 6), {"a": 1, "b": 1, "c": 1}

    def traffic(tiling: Tiling) -> int:
        got = moved(gemm, tiling, words)
        return sum(got.read_byte.values()) + sum(got.write_byte.values())

    assert best_tiling(gemm, traffic, words, 10**6)[0] == 3 * 36
    # 27 words hold 6 x 3 of B, a row of A and 3 of C: B and C move once, A twice.
    assert best_tiling(gemm, traffic, words, 27, buffers=1) == (36 + 36 + 72, Tiling(Gemm(1, 3, 6), "nmk"))
    # 15 words hold 3 x 3 of C with a column of A and a row of B: C moves once, A and B twice.
    assert best_tiling(gemm, traffic, words, 15, buffers=1) == (36 + 72 + 72, Tiling(Gemm(3, 3, 1), "mnk"))
    # Three words are one product at a time: A and B come 216 times each, C stays over k.
    assert best_tiling(gemm, traffic, words, 3, buffers=1)[0] == 216 + 216 + 36


def test_no_fitting_tile_is_said() -> None:
    with pytest.raises(ValueError, match="No tile fits 13 bytes"):
        best_tiling(Gemm(2, 2, 2), lambda _: 0.0, WORDS, 13)
