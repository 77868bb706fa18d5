"""SRAM banks against brute force: every access placed in its bank, every outcome enumerated."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from bankside.arch.pe.sram import banks as sram


def test_strided_runs_equal_counting_banks() -> None:
    for banks, stride, accesses, ports in product((1, 2, 8, 16, 6), range(0, 20), (1, 5, 16, 37), (1, 2)):
        load = max(Counter((i * stride) % banks for i in range(accesses)).values())
        assert sram.strided_cycles(accesses, stride, banks, ports) == -(-load // ports)
        if ports == 1:
            assert load == -(-accesses * np.gcd(stride, banks) // banks)


def test_interleaved_runs_equal_counting_banks() -> None:
    for banks, granule, stride, accesses in product((1, 4, 6), (1, 2, 8), (-3, 0, 1, 4, 9), (1, 7, 100, 333)):
        load = max(Counter((i * stride) // granule % banks for i in range(accesses)).values())
        assert sram.interleaved_cycles(accesses, stride, banks, 1, granule) == load
        assert sram.interleaved_cycles(accesses, stride, banks, 2, granule) == -(-load // 2)
        if granule == 1:
            assert sram.strided_cycles(accesses, stride, banks, 1) == load


@pytest.mark.parametrize(("accesses", "banks"), [(1, 3), (3, 1), (3, 2), (4, 4), (5, 3), (2, 6)])
@pytest.mark.parametrize("ports", [1, 2])
def test_random_expectation_equals_enumeration(accesses: int, banks: int, ports: int) -> None:
    loads = [max(Counter(drawn).values()) for drawn in product(range(banks), repeat=accesses)]
    mean = np.mean([-(-load // ports) for load in loads])
    assert sram.expected_random_cycles(accesses, banks, ports) == pytest.approx(mean, abs=1e-9)


@pytest.mark.parametrize(
    ("accesses", "banks", "published"),
    [(4, 4, 2.125), (8, 8, 2.597), (16, 16, 3.078), (32, 32, 3.533), (16, 32, 2.392), (32, 64, 2.722)],
)
def test_published_expectations(accesses: int, banks: int, published: float) -> None:
    assert sram.expected_random_cycles(accesses, banks, 1) == pytest.approx(published, abs=6e-4)
    groups = 4000
    trace = sram.random_banks(accesses, banks, groups, seed=5)
    each = sram.each_group_cycles(trace, accesses, banks, 1)
    assert each.tolist() == [max(Counter(part).values()) for part in trace.reshape(groups, -1).tolist()]
    assert abs(each.mean() - published) < 3 * each.std() / groups**0.5
