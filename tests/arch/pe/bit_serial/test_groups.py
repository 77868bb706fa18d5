"""Kernels of groups against what they say, lane by lane."""

import numpy as np
import pytest

from bankside.arch.pe.bit_serial import groups
from bankside.arch.pe.bit_serial.encodings import masks


def stepped(lanes: list[int], reach: int) -> int:
    cycles = 0
    while any(lanes):
        base = min((lane & -lane).bit_length() - 1 for lane in lanes if lane)
        for i, lane in enumerate(lanes):
            if lane and (lane & -lane).bit_length() - 1 < base + reach:
                lanes[i] = lane & (lane - 1)
        cycles += 1
    return max(1, cycles)


@pytest.mark.parametrize("shift_bits", range(4))
@pytest.mark.parametrize("encoding", ["twos-complement", "naf", "booth"])
def test_a_lane_takes_its_lowest_digit_within_reach_of_the_lowest_of_all(
    shift_bits: int, encoding: str
) -> None:
    generator = np.random.default_rng(shift_bits)
    places = generator.integers(0, 256, 60 * 7)
    table, reach = masks(8, encoding), 1 << shift_bits
    out, pending = np.empty(60, dtype=np.int64), np.empty(7, dtype=np.int64)
    groups.shifted(places, table, 7, reach, pending, out)
    wanted = [stepped([int(table[p]) for p in places[i * 7 : (i + 1) * 7]], reach) for i in range(60)]
    assert out.tolist() == wanted


def test_the_rarer_symbol_of_each_column_is_added() -> None:
    out = np.empty(1, dtype=np.int64)
    words = np.array([0b111, 0b011, 0b001, 0b001], dtype=np.int64)
    groups.minority(np.arange(4), words, 4, 3, out)
    assert out.tolist() == [0 + 2 + 1]
