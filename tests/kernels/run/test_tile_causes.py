"""Causes that tiles bring into runs of shipped machines, each in closed form: one tile that nothing hides."""

from math import ceil
from typing import Any

import pytest

import bankside as bs
from bankside.kernels.mapping.pin import PinSpec


def run(machine: str, shape: tuple[int, int, int], cores: int, *sets: str) -> dict[str, Any]:
    """A product (m, n, k) whose columns are dealt to `cores` cores of each node in one tile each."""
    m, n, k = shape
    target = bs.machine(machine, sets)
    own = ceil(ceil(n / target.primary.nodes) / cores)
    pin = PinSpec(
        operator="gemm",
        split={"batch": 1, "m": 1, "n": target.primary.nodes, "k": 1},
        cores={"batch": 1, "m": 1, "n": cores},
        tile={"m": m, "n": own, "k": k},
        order="nk",
        unit="matrix",
    )
    kernel = bs.kernel("gemm", m=m, n=n, k=k, format="bf16")
    return bs.simulate(kernel, target, mapping=[pin]).document["stack_fs"]


def test_rows_of_weights_that_share_banks_are_sram_conflict() -> None:
    """hybrid-3d: 16 vaults of a core of 32 x 32 PEs at 1 GHz beside 16 banks of 32 B. A vault has 32 columns of depth
    256: 8 rows of PEs load in 32 cycles each. A row of 256 weights is 16 words, so the 32 rows of a depth lie in one
    bank: 16 times 32 cycles instead of 2, beside the 33 of all ports."""
    stack = run("hybrid-3d", (1, 512, 256), 1)
    assert stack["compute"] + stack["fill_drain"] == 1_000_000 * (8 * 32 + 32 + 31)
    assert stack["sram_conflict"] == 1_000_000 * (33 + 16 * (32 - 2) - 8 * 32)
    assert stack["sram_bandwidth"] == 0
    assert run("hybrid-3d", (1, 512, 256), 1, "cores.pe.sram.layout=skewed")["sram_conflict"] == 0


def test_ports_slower_than_the_array_are_sram_bandwidth() -> None:
    """Two banks of 32 B read the 256 x (1 + 32) elements of 2 B in 264 cycles, of which 256 are behind the array; in
    one of the two banks 16 times 32 words take 32 cycles each instead of 16."""
    stack = run("hybrid-3d", (1, 512, 256), 1, "cores.pe.sram.banks=2")
    assert stack["sram_bandwidth"] == 1_000_000 * (264 - 256)
    assert stack["sram_conflict"] == 1_000_000 * 16 * (32 - 16)


@pytest.mark.parametrize(("columns", "even"), [(17, 34), (32, 64), (18, 36), (16, 32)])
def test_what_even_parts_would_have_spared_the_busiest_core_is_imbalance(columns: int, even: int) -> None:
    """base-die: 16 cores of 32 x 32 PEs at 1 GHz. The busiest has ceil(columns / 16) columns of 1024 x 32, at 1024
    multiply-accumulates a cycle; even parts of all columns take columns x 2 cycles."""
    stack = run("base-die", (1024, columns, 32), 16)
    busiest = -(-columns // 16) * 32
    assert stack["compute"] == 1_000_000 * even
    assert stack["imbalance"] == 1_000_000 * (busiest - even)
