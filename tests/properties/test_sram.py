"""Bank conflicts in closed form equal the cycle-by-cycle arbiter and exact counting."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import sram_banks

from bankside.arch.pe.sram import banks as sram


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 80), st.integers(-40, 40), st.integers(1, 33), st.integers(1, 4))
def test_t1_strided_runs_equal_the_arbiter(accesses: int, stride: int, banks: int, ports: int) -> None:
    served = sram_banks.arbitrate(sram_banks.strided(accesses, stride, 7), banks, ports)
    assert sram.strided_cycles(accesses, stride, banks, ports) == served.cycles


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=40), st.integers(1, 9), st.integers(1, 3))
def test_t1_traces_equal_the_arbiter(bank_of: list[int], group: int, ports: int) -> None:
    cycles = sram.each_group_cycles(np.array(bank_of, np.int64), group, 8, ports)
    parts = [bank_of[i : i + group] for i in range(0, len(bank_of), group)]
    assert cycles.tolist() == [sram_banks.arbitrate(part, 8, ports).cycles for part in parts]


def test_random_expectations_equal_exact_counting() -> None:
    for accesses, banks, ports in itertools.product((1, 2, 5, 8, 16, 33), (1, 2, 7, 16, 32), (1, 2, 3)):
        exact = float(sram_banks.expected_cycles(accesses, banks, ports))
        assert sram.expected_random_cycles(accesses, banks, ports) == pytest.approx(exact, abs=2e-9)
