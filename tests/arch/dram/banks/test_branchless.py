"""Arithmetic without branches is the arithmetic that it stands for."""

from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.dram.banks.branchless import later, natural

TIMES = st.integers(-(1 << 60), 1 << 60)


@given(TIMES, TIMES)
def test_later_is_the_larger(a: int, b: int) -> None:
    assert later(a, b) == max(a, b)


@given(st.integers(0, (1 << 31) - 1))
def test_an_index_is_what_it_was(index: int) -> None:
    assert natural(index) == index
