"""The matrix unit of systolic arrays: groups, arrays that share, packed formats; and what it prices and occupies."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.pe.lanes.unit import DotLanes
from bankside.arch.pe.systolic.physical import gemm_cycles
from bankside.arch.pe.systolic.unit import DATAFLOWS, MatrixUnit, SystolicArrays
from bankside.arch.pe.unit import FILL, WORK
from bankside.arch.technology.process import load_process

WS = SystolicArrays(rows=8, cols=8, arrays=2)


def cycles(unit: MatrixUnit, m: int, n: int, k: int, *formats: str) -> tuple[int, int]:
    """Alone, and following its like."""
    costs = unit.cycles(np.array([[m], [n], [k]], dtype=np.int64), formats)
    return int(costs.interval[0] + costs.last[0]), int(costs.interval[0])


@pytest.mark.parametrize("flow", DATAFLOWS)
@pytest.mark.parametrize("shadow", [True, False])
def test_one_array_takes_the_cycles_of_its_schedule(flow: Any, shadow: bool) -> None:
    unit = SystolicArrays(rows=5, cols=7, dataflow=flow, shadow=shadow)
    number = DATAFLOWS.index(flow)
    for shape in ((1, 1, 1), (9, 20, 11), (3, 100, 8)):
        assert cycles(unit, *shape)[0] == gemm_cycles(number, 5, 7, *shape, shadow)[0]


def test_streamed_vectors_enter_in_whole_groups() -> None:
    plain, grouped = (SystolicArrays(rows=8, cols=8, group=group) for group in (1, 16))
    assert cycles(grouped, 40, 8, 8) == cycles(plain, 48, 8, 8)
    assert cycles(plain, 40, 8, 8) < cycles(plain, 48, 8, 8)
    assert grouped.grain() == (16, 8, 8)


def test_few_rows_fill_up_to_the_narrow_side_of_an_instruction() -> None:
    wide = SystolicArrays(rows=8, cols=8, group=128)
    swapped = wide.model_copy(update={"narrow": 16})
    shape = np.array([[1, 16, 17, 127, 128, 129]], dtype=np.int64)
    assert swapped.filled(shape[0]).tolist() == [16, 16, 32, 128, 128, 256]
    assert wide.filled(shape[0]).tolist() == [128, 128, 128, 128, 128, 256]
    for rows, filled in ((1, 16), (40, 48), (200, 256)):
        assert cycles(swapped, rows, 8, 8) == cycles(SystolicArrays(rows=8, cols=8), filled, 8, 8)
    assert swapped.events(np.array([[3], [8], [8]]))["operands"] == 16 * 8 * 8


def test_arrays_share_rows_where_there_are_few_columns() -> None:
    alone = SystolicArrays(rows=8, cols=8)
    assert cycles(WS, 256, 8, 64) == cycles(alone, 128, 8, 64)
    assert cycles(WS, 256, 16, 64) == cycles(alone, 256, 8, 64)


@given(st.integers(1, 300), st.sampled_from([DotLanes(lanes=48), WS]))
def test_packed_pairs_halve_the_depth(k: int, unit: Any) -> None:
    packing = unit.model_copy(update={"packing": {"int8": 2, "int4": 4}})
    assert cycles(packing, 5, 24, k, "int8", "int8") == cycles(unit, 5, 24, -(-k // 2))
    assert cycles(packing, 5, 24, k, "int8", "int4") == cycles(packing, 5, 24, k, "int8", "int8")
    assert cycles(packing, 5, 24, k, "bf16") == cycles(unit, 5, 24, k)
    assert packing.peak(("int4",)) == 4 * unit.peak()


@given(st.integers(1, 300), st.sampled_from([DotLanes(lanes=48), WS]))
def test_zeros_of_skipped_formats_take_no_time(k: int, unit: Any) -> None:
    skips = unit.model_copy(update={"skips": {"bf16_2:4": 1.0, "bf16_1:4": 1.0}})
    for name, keep in (("bf16_2:4", 2), ("bf16_1:4", 1)):
        stored = k // 4 * keep + min(k % 4, keep)
        assert cycles(skips, 5, 24, k, "bf16", name) == cycles(unit, 5, 24, stored)
        counted = skips.events(np.array([[5], [24], [k]]), ("bf16", name))
        assert counted == {"mac": 5 * 24 * stored, "operands": 5 * 24 * stored}
        assert skips.peak(("bf16", name)) == unit.peak() * 4 // keep
    assert cycles(skips, 5, 24, k, "bf16", "bf16") == cycles(unit, 5, 24, k)
    assert skips.multiplies(("bf16", "bf16_2:4")) and not skips.multiplies(("bf16", "bf16_2:8"))


def test_a_share_of_the_rate_of_skipping_takes_longer() -> None:
    whole, half = (WS.model_copy(update={"skips": {"bf16_2:4": share}}) for share in (1.0, 0.5))
    formats = ("bf16", "bf16_2:4")
    one, other = (cycles(unit, 64, 64, 64, *formats) for unit in (whole, half))
    assert (other[0], other[1]) == (2 * one[0], 2 * one[1])
    costs = half.cycles(np.array([[64], [64], [64]], dtype=np.int64), formats)
    assert costs.each[0, WORK] == costs.interval[0]


def test_sparse_weights_are_no_operands_of_units_that_do_not_skip_their_zeros() -> None:
    assert WS.multiplies(("bf16", "int8")) and not WS.multiplies(("bf16", "bf16_2:4"))
    assert WS.grain(("bf16", "bf16")) == (1, 16, 8)
    assert WS.model_copy(update={"skips": {"bf16_2:4": 1.0}}).grain(("bf16", "bf16_2:4")) == (1, 16, 16)


def test_what_is_not_work_at_the_peak_fills_and_drains() -> None:
    costs = SystolicArrays(rows=32, cols=32).cycles(np.array([[1, 64], [32, 32], [32, 32]], dtype=np.int64))
    assert costs.each[:, WORK].tolist() == [1, 64]
    assert costs.each[:, FILL].tolist() == [31, 0]  # a vector waits until the next weights have shifted in
    assert costs.each[:, FILL + 1 :].sum() == 0


def test_it_is_as_large_as_published_and_prices_its_format() -> None:
    n7 = load_process("n7")
    tpu = SystolicArrays(rows=128, cols=128)
    # 14 mm2 for 128 x 128 bf16 at 7 nm (accelforge, from the die photo)
    assert tpu.area_m2(n7, ("bf16",)) == pytest.approx(14e-6, rel=0.01)
    assert tpu.area_m2(n7, ("int8", "bf16")) == tpu.area_m2(n7, ("bf16",)) > tpu.area_m2(n7, ("int8",))
    assert tpu.leakage_w(n7, ("bf16",)) == n7.leakage_w(tpu.area_m2(n7, ("bf16",)), 0.0)
    assert tpu.prices(n7, "bf16")["mac"].count_j == pytest.approx(0.59e-12)
    assert tpu.events(np.array([[2, 1], [3, 1], [5, 1]], dtype=np.int64)) == {"mac": 31, "operands": 31}
