"""Stacks in cycles keep every femtosecond's cause and sum exactly."""

from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.causes import CAUSES
from bankside.kernels.run.cycles import cycles_of, in_cycles


@given(
    st.dictionaries(st.sampled_from(CAUSES), st.integers(0, 10**12), min_size=1),
    st.integers(1, 10**7),
)
def test_t8_stack_in_cycles_sums_to_the_cycle_count(stack_fs: dict[str, int], period_fs: int) -> None:
    stack = in_cycles(stack_fs, period_fs)
    assert sum(stack.values()) == cycles_of(sum(stack_fs.values()), period_fs)
    for cause, cycles in stack.items():
        assert abs(cycles - stack_fs.get(cause, 0) / period_fs) <= 1


def test_left_over_cycle_goes_to_the_largest_fraction_then_to_the_first_cause() -> None:
    assert in_cycles({"compute": 15, "dram_data": 25}, 10)["compute"] == 2
    assert in_cycles({"compute": 12, "dram_data": 27}, 10)["dram_data"] == 3
