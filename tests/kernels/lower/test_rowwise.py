"""Row-wise functions where rows lie over several nodes: what crosses the network is one statistic a row."""

from dataclasses import replace
from itertools import pairwise

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.noc.packet import cost
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.phase import lower_phase
from bankside.kernels.lower.rowwise import STATISTIC_BYTES
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.plan import plan
from bankside.kernels.operators import Kernel, MatMul, Phase, RowWise

BF16 = FORMATS["bf16"]
MACHINE = load_machine("hybrid-3d")
NODES = MACHINE.primary.nodes


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
