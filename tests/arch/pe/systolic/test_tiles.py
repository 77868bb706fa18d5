"""Tiles on several arrays."""

from itertools import product

import numpy as np
import pytest

from bankside.arch.pe.systolic.fold import DATAFLOWS, IS, OS, WS
from bankside.arch.pe.systolic.tiles import arrays_cycles, shared


def part(flow: int, arrays: int, m: int, n: int, k: int, shadow: bool = True) -> tuple[int, int]:
    m, n, _, _ = shared(np.array([flow, 8, 8, arrays, shadow, 1]), m, n, k)
    return m, n


def test_the_busiest_array_has_the_longest_share() -> None:
    assert part(WS, 4, 100, 64, 8) == (100, 16)
    assert part(WS, 4, 4000, 8, 8) == (1000, 8)
    assert part(OS, 4, 32, 8, 50, shadow=False) == (8, 8)
    assert part(OS, 4, 8, 33, 50, shadow=False) == (8, 9)
    assert part(IS, 2, 8, 640, 8) == (8, 320)
    assert part(IS, 2, 32, 9, 8) == (16, 9)
    assert part(WS, 1, 9, 17, 5) == (9, 17)


@pytest.mark.parametrize("flow", [WS, OS, IS], ids=DATAFLOWS)
def test_t4_more_arrays_are_never_slower(flow: int) -> None:
    for m, n, k in product((1, 7, 40), (1, 9, 64), (5, 30)):
        cycles = []
        for count in (1, 2, 3, 4, 8):
            arrays = np.array([flow, 4, 4, count, True, 1])
            own_m, own_n, alone, interval = shared(arrays, m, n, k)
            assert own_m * own_n * count >= m * n and arrays_cycles(arrays, m, n, k) == (alone, interval)
            cycles.append(interval)
        assert cycles == sorted(cycles, reverse=True)
