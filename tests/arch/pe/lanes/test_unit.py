"""Lanes as units: products, elementwise work, the columns of a bank."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.machine.machine import load_machine
from bankside.arch.pe.lanes.cycles import dot_cycles, lane_cycles, tapped_dot_cycles
from bankside.arch.pe.lanes.unit import BankLanes, DotLanes, VectorLanes
from bankside.arch.pe.unit import Int64s
from bankside.arch.technology.process import load_process


def tile(*sizes: int) -> Int64s:
    return np.array(sizes, dtype=np.int64)[:, None]


@given(st.integers(1, 70), st.integers(1, 9), st.integers(1, 40), st.integers(1, 90))
def test_vector_lanes_take_the_faster_of_a_tree_and_an_output_each(
    lanes: int, m: int, n: int, k: int
) -> None:
    costs = VectorLanes(lanes=lanes).cycles(tile(m, n, k))
    total, fill = tapped_dot_cycles(lanes, m, n, k)
    assert costs.interval[0] == min(total - fill, lane_cycles(lanes, m, n, k))
    assert 0 <= costs.last[0] <= fill


def test_dot_lanes_make_an_output_at_a_time() -> None:
    costs = DotLanes(lanes=12).cycles(tile(3, 5, 40))
    total, fill = dot_cycles(12, 3, 5, 40)
    assert (costs.interval[0], costs.last[0]) == (total - fill, fill)


def test_elementwise_work_takes_an_operation_for_each_operand_after_the_first() -> None:
    lanes = VectorLanes(lanes=64)
    assert lanes.cycles(tile(1, 100, 4), work="add").interval.tolist() == [5]
    assert lanes.cycles(tile(1, 100, 1), work="gather").interval.tolist() == [2]
    assert lanes.events(tile(3, 100, 4), work="add") == {"vector_op": 300}
    assert lanes.can("add") and lanes.can("product") and not lanes.can("softmax")


@given(st.integers(1, 40), st.integers(1, 16), st.integers(1, 64))
def test_lanes_of_a_bank_take_a_column_without_a_tree(lanes: int, rows: int, elements: int) -> None:
    costs = BankLanes(lanes=lanes).cycles(tile(rows, 1, elements))
    assert costs.interval[0] == -(-rows * elements // lanes)
    assert costs.last[0] == 0


def test_the_tap_decides_what_lanes_are() -> None:
    inside, outside = (
        load_machine(name).cores["pe"].spec.units["vector"] for name in ("attacc-bank", "attacc-buffer")
    )
    assert inside == BankLanes(lanes=32)
    assert outside == VectorLanes(lanes=32)


def test_they_are_priced_and_sized_by_the_process() -> None:
    n7, lanes = load_process("n7"), VectorLanes(lanes=10)
    assert lanes.area_m2(n7, ("bf16",)) == 10 * n7.vector.area
    assert lanes.prices(n7, "bf16")["vector_op"].count_j == pytest.approx((1.31 + 0.38) / 2 * 1e-12)
    # 16 multipliers of a unit of HBM-PIM, 32 units in a die of half the capacity: 1.5 mm2 each; of AiM: 0.19 mm2
    for process, number_format, m2 in (("dram-2y", "fp16", 1.5e-6), ("dram-1y", "bf16", 0.19e-6)):
        area = DotLanes(lanes=16).area_m2(load_process(process), (number_format,))
        assert area == pytest.approx(m2, rel=0.01)


@pytest.mark.parametrize(("work", "each"), [("linear_step", 3), ("delta_step", 4)])
def test_a_step_of_a_state_takes_its_operations_of_every_element(work: str, each: int) -> None:
    lanes, tiles = VectorLanes(lanes=8), np.array([[4], [6], [1]], dtype=np.int64)
    assert lanes.can(work)
    assert lanes.cycles(tiles, work=work).interval.tolist() == [each * 24 // 8]
    assert lanes.events(tiles, work=work) == {"vector_op": each * 24}


def test_lanes_have_no_exp_for_selective_steps() -> None:
    assert not VectorLanes(lanes=8).can("selective_step")
