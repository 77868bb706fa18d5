"""The scratchpad as a unit: ports and conflicts beyond the computation that they feed, in closed form."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.sram_banks import arbitrate, strided

from bankside.arch.pe.sram.unit import ACCESSES, Scratchpad
from bankside.arch.pe.unit import CONFLICT, PORT, Costs, Int64s, costs_of
from bankside.arch.technology.process import load_process

MIB = 1 << 20


def pad(**keys: Any) -> Scratchpad:
    return Scratchpad(**({"size": "4 KiB", "banks": 16, "width": "32 B", "layout": "rows"} | keys))


def taking(cycles: int) -> Costs:
    one = np.array([cycles], dtype=np.int64)
    return costs_of(one, one, one)


def added(store: Scratchpad, cycles: int, tile: tuple[int, int, int], across: str = "b") -> tuple[int, int]:
    tiles: Int64s = np.array(tile, dtype=np.int64)[:, None]
    each = store.feeding(taking(cycles), tiles, (2, 2), across).each[0]
    return int(each[PORT]), int(each[CONFLICT])


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 5), st.integers(1, 20), st.integers(1, 3))
def test_runs_take_the_cycles_of_the_arbiter(
    words: int, stride: int, runs: int, banks: int, ports: int
) -> None:
    costs = pad(banks=banks, ports=ports).cycles(np.array([[words], [stride], [runs]], dtype=np.int64))
    served = arbitrate(strided(words, stride, 0), banks, ports).cycles
    assert costs.interval[0] == runs * served
    assert costs.each[0, PORT] == runs * -(-words // (banks * ports))


def test_rows_of_a_stride_that_shares_a_divisor_with_the_banks_conflict() -> None:
    """32 rows of 64 elements of 2 B are 4 words of 32 B each: at a stride of 4 words 16 banks are 4, so each of the 4
    columns of words takes 32 / 4 cycles instead of 32 / 16; a has 4 rows in 8 words, which are read as they lie."""
    ports = -(-64 * (4 + 32) * 2 // (16 * 32))
    assert added(pad(), 0, (4, 32, 64)) == (ports, 4 * (8 - 2))
    assert added(pad(), 10_000, (4, 32, 64)) == (0, 0)  # behind the computation
    assert added(pad(), ports + 20, (4, 32, 64)) == (0, 4 * 6 - 20)


def test_words_side_by_side_in_one_bank_conflict_where_single_ones_do_not() -> None:
    """8 rows of 48 elements are 3 words each: at a stride of 3 words they lie in 4 banks twice over; where 4 successive
    words lie in one bank, three of them lie in the first."""
    spread, packed = pad(banks=4, granule=1), pad(banks=4, granule=4)
    assert added(spread, 0, (4, 8, 48))[1] == 0
    loads = np.bincount(np.arange(8) * 3 // 4 % 4)
    assert loads.tolist() == [3, 2, 1, 2]
    assert added(packed, 0, (4, 8, 48))[1] == 3 * (loads.max() - 8 // 4)


def test_an_odd_stride_and_skewed_rows_have_no_conflicts() -> None:
    assert added(pad(), 0, (4, 32, 48))[1] == 0  # three words
    assert added(pad(layout="skewed"), 0, (4, 32, 64))[1] == 0
    assert added(pad(), 0, (4, 32, 64), across="")[1] == 0


def test_both_operands_conflict_where_both_are_read_across_rows() -> None:
    assert added(pad(), 0, (32, 32, 64), across="ab")[1] == 2 * added(pad(), 0, (4, 32, 64))[1]


def test_more_ports_serve_more_words_of_a_bank() -> None:
    assert pad(ports=2).bytes_per_cycle == 2 * pad().bytes_per_cycle == 1024
    assert added(pad(ports=2), 0, (4, 32, 64)) == (-(-64 * 36 * 2 // 1024), 4 * (4 - 1))


def test_area_and_energy_are_those_of_macros() -> None:
    n3, n7 = load_process("n3"), load_process("n7")
    # N3E: 31.8 Mib/mm2; H3's 40 MB at 3 nm: 8.06 mm2 with 20 % overhead, 9.6 with a macro's 70 % efficiency
    assert MIB / 8 / pad(size=f"{MIB // 8} B").area_m2(n3, ()) / 1e6 == pytest.approx(
        31.8 * MIB / 8, rel=0.01
    )
    assert pad(size="40 MB").area_m2(n3, ()) == pytest.approx(8.06e-6 / 1.2 / 0.7, rel=0.01)
    prices = pad(size="1 MiB").prices(n7, "bf16")
    assert prices["sram_read"].count_j == pytest.approx(14e-12 / 8, rel=0.01)
    assert prices["sram_write"].count_j == pytest.approx(1.18 * prices["sram_read"].count_j)
    assert pad().leakage_w(n7, ()) == n7.leakage_w(0.0, pad().area_m2(n7, ()))
    assert pad().can(ACCESSES) and not pad().can("product")
