"""Row-wise functions: one statistic a row crosses the network where rows lie over several nodes, and what passes over
rows more than once reads memory again where the rows at work do not stay on chip."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.noc.packet import cost
from bankside.arch.pe.unit import Unit
from bankside.kernels.catalog.catalog import build
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.phase import lower_phase
from bankside.kernels.lower.rowwise import STATISTIC_BYTES, cache_cycles, read_again
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.plan import plan
from bankside.kernels.operators import Kernel, MatMul, Phase, RowWise
from bankside.kernels.run.simulate import simulate

BF16 = FORMATS["bf16"]
MACHINE = load_machine("hybrid-3d")
NODES = MACHINE.primary.nodes
A100 = load_machine("xpu-a100")
SM = A100.primary
BF16_BYTES = 2


def moved(rows: int, columns: int, function: str, split: dict[str, int], cols: int = 0) -> int:
    """Bytes times links of a product and a function of its results, beyond those of the product alone."""
    tile = {"m": 1, "n": 1, "k": 64}
    pin = PinSpec(
        operator="p", cores={"batch": 1, "m": 1, "n": 1}, tile=tile, order="nk", unit="matrix", split=split
    )
    product = MatMul.of("p", (1, rows, columns, 64), "weights", (BF16, BF16, BF16))
    shape = rows * columns // (cols or columns), cols or columns
    after = replace(RowWise.of("f", function, shape, 1, BF16), sources=(product.out,))
    found = []
    for operators in ((product,), (product, after)):
        kernel = Kernel("k", {}, BF16, (Phase(1, operators),))
        (phase,) = plan(MACHINE, kernel, pins=[pin]).phases
        found.append(lower_phase(MACHINE, operators, phase, fold=True).state.net_bytes["noc"])
    return found[1] - found[0]


def summed(rows: int) -> int:
    _, network = MACHINE.network(MACHINE.primary.level)
    assert network is not None
    return round(cost(network, "all_reduce", NODES, rows * STATISTIC_BYTES).byte_hops)


@pytest.mark.parametrize("rows", [2, 8, 9, 15, 16, 17, 64])
@pytest.mark.parametrize("columns", [128, 130])
def test_a_norm_over_columns_sums_a_statistic_of_every_row(rows: int, columns: int) -> None:
    assert moved(rows, columns, "rmsnorm", {"n": NODES}) == summed(rows)


def test_what_a_norm_moves_grows_with_its_rows() -> None:
    # fewer rows go to all at once, which takes less time and more bytes
    each = [moved(rows, 64, "rmsnorm", {"n": NODES}) for rows in range(16, 96, 16)]
    assert all(fewer < more for fewer, more in pairwise(each))


def test_whole_rows_and_functions_of_elements_move_nothing() -> None:
    assert moved(32, 128, "rmsnorm", {"m": NODES}) == 0
    assert moved(32, 128, "silu", {"n": NODES}) == 0
    assert moved(32, 128, "rmsnorm", {"n": NODES}, cols=8) == 0
    assert moved(32, 128, "rmsnorm", {"n": NODES}, cols=16) == summed(32 * 8)


def nonlinear() -> Unit:
    found = SM.spec.nonlinear
    assert found is not None
    return found


def again(function: str, rows: int, cols: int) -> tuple[int, int]:
    """Passes that read memory and the cache again."""
    found = read_again(SM, nonlinear(), function, (rows, cols), BF16_BYTES)
    return found.memory, found.cache


def test_rows_at_work_stay_in_scratchpads_then_in_the_cache_then_nowhere() -> None:
    assert SM.cache is not None and SM.spec.sram is not None
    of_row = BF16_BYTES * SM.spec.rows.norm
    pad, cache = SM.spec.sram.size // of_row, int(SM.cache.size) // (of_row * SM.cores)
    assert again("layernorm", 64, pad) == again("rmsnorm", 64, pad) == (0, 0)
    assert again("layernorm", 64, pad + 1) == (0, 1)
    assert again("layernorm", 64, cache) == (0, 1)
    assert again("layernorm", 64, cache + 1) == (1, 0)
    assert again("layernorm", 1, cache + 1) == (0, 0)
    assert again("gelu", 64, cache + 1) == (0, 0)
    assert again("softmax", 64, cache + 1) == (0, 0)
    widest = int(SM.cache.size) // (BF16_BYTES * SM.spec.rows.softmax * SM.cores)
    assert again("softmax", 64, widest) == (0, 2)
    assert again("softmax", 64, widest + 1) == (2, 0)


def test_the_cache_gives_its_cores_what_it_has_for_all_of_them() -> None:
    assert SM.cache is not None
    found = read_again(SM, nonlinear(), "layernorm", (64, 8192), BF16_BYTES)
    byte = 64 * 8192 * BF16_BYTES
    assert cache_cycles(SM, found, byte) == -(-byte * SM.cores * SM.spec.clock // SM.cache.bandwidth)


def run(machine: str, function: str, rows: int, cols: int) -> dict[str, Any]:
    return simulate(build(function, rows=rows, cols=cols, format="bf16"), load_machine(machine)).to_dict()


@pytest.mark.parametrize(
    ("machine", "function", "rows", "cols", "times"),
    [
        ("xpu-a100", "layernorm", 1728, 8192, 1),
        ("xpu-a100", "layernorm", 1728, 16384, 2),
        ("hybrid-3d", "softmax", 16, 128 * 1024, 1),
        ("hybrid-3d", "softmax", 16, 128 * 1024 + 64, 2),
    ],
)
def test_runs_read_memory_as_often_and_say_so(
    machine: str, function: str, rows: int, cols: int, times: int
) -> None:
    found = run(machine, function, rows, cols)
    weights = 2 * cols * (function == "layernorm")
    assert found["bandwidth"]["dram"]["bytes_useful"] == pytest.approx(
        BF16_BYTES * (times * rows * cols + weights), rel=1e-6
    )
    said = [sentence for sentence in found["warnings"] if "do not stay on chip" in sentence]
    assert len(said) == (times > 1)
    if said:
        assert f"memory is read {times} times" in said[0]
