"""ITA against one score at a time, and its dividers against one cycle at a time."""

import numpy as np
import pytest
from tests.oracles import softmax_units as oracle

from bankside.arch.pe.nonlinear.softmax import integer


def rows(seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    random = [rng.integers(-128, 128, (8, n)) for n in (1, 15, 16, 17, 64, 2048)]
    equal, huge = np.full((1, 100), 7), np.full((1, 100), -128)
    huge[0, 50] = 127
    rising = np.arange(-128, 128)[None, :]
    return [*random, equal, huge, rising, rising[:, ::-1], rng.integers(-4, 5, (8, 333))]


@pytest.mark.parametrize("part", [1, 16])
def test_probabilities_equal_the_oracle(part: int) -> None:
    for scores in rows():
        expected = [oracle.ita(row, part) for row in scores.tolist()]
        assert integer.probabilities(scores, part).tolist() == expected


def test_the_sum_holds_in_19_bits_up_to_its_longest_row() -> None:
    _, total = integer.sums(np.zeros((1, integer.LONGEST_ROW), dtype=np.int64))
    assert total.tolist() == [256 * 2048] and int(total[0]).bit_length() == 20
    _, total = integer.sums(np.zeros((1, integer.LONGEST_ROW - 1), dtype=np.int64))
    assert int(total[0]).bit_length() == 19


def test_a_row_alone_is_255_of_256() -> None:
    assert integer.probabilities(np.array([[5]])).tolist() == [[255]]


@pytest.mark.parametrize("length", [2, 8, 10, 11, 14, 20])
def test_dividers_equal_the_walk(length: int) -> None:
    for count, fifo in ((10, 12), (3, 2)):
        divisions = [length] * integer.ROWS
        found = integer.drain(divisions, count, fifo)
        assert (found.last_cycle, found.stall_cycle) == oracle.drain(divisions, count, fifo)


def test_uneven_divisions_equal_the_walk() -> None:
    rng = np.random.default_rng(3)
    for dividers, fifo in ((10, 12), (4, 3), (1, 1)):
        divisions = rng.integers(2, 21, 64).tolist()
        found = integer.drain(divisions, dividers, fifo)
        assert (found.last_cycle, found.stall_cycle) == oracle.drain(divisions, dividers, fifo)


def test_the_array_waits_only_where_a_division_takes_longer_than_there_are_dividers() -> None:
    assert integer.drain([10] * 64).stall_cycle == 0
    assert integer.division_cycle(integer.ONE) == 10  # the shortest sum, so the longest division
    slow = integer.drain([20] * 64)
    assert slow.stall_cycle > 0 and slow.deepest == integer.FIFO
    assert slow.last_cycle == pytest.approx(64 * 20 / 10, abs=20)
