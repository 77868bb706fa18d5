"""Row-wise functions where rows lie over several nodes: what crosses the network is one statistic a row."""

from itertools import pairwise

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.noc.packet import cost
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.phase import lower_phase
from bankside.kernels.lower.rowwise import STATISTIC_BYTES
from bankside.kernels.mapping import Mapping
from bankside.kernels.operators import MatMul, RowWise

BF16 = FORMATS["bf16"]
MACHINE = load_machine("hybrid-3d")
NODES = MACHINE.primary.nodes


def moved(rows: int, columns: int, function: str, split: tuple[int, int, int], cols: int = 0) -> int:
    """Bytes times links of a product and a function of its results, beyond those of the product alone."""
    pin = Mapping(1, 1, 1, 1, 1, 64, "nk", "matrix")
    product = MatMul("p", 1, rows, columns, 64, "weights", BF16, BF16, BF16, pin=pin, split=split)
    after = RowWise("f", function, rows * columns // (cols or columns), cols or columns, 1, BF16)
    alone, both = (
        lower_phase(MACHINE, ops, fold=True).state.net_bytes["noc"] for ops in ((product,), (product, after))
    )
    return both - alone


def summed(rows: int) -> int:
    _, network = MACHINE.network(MACHINE.primary.level)
    assert network is not None
    return round(cost(network, "all_reduce", NODES, rows * STATISTIC_BYTES).byte_hops)


@pytest.mark.parametrize("rows", [2, 8, 9, 15, 16, 17, 64])
@pytest.mark.parametrize("columns", [128, 130])
def test_a_norm_over_columns_sums_a_statistic_of_every_row(rows: int, columns: int) -> None:
    assert moved(rows, columns, "rmsnorm", (1, 1, NODES)) == summed(rows)


def test_what_a_norm_moves_grows_with_its_rows() -> None:
    each = [moved(rows, 64, "rmsnorm", (1, 1, NODES)) for rows in range(4, 24)]
    assert all(fewer < more for fewer, more in pairwise(each))


def test_whole_rows_and_functions_of_elements_move_nothing() -> None:
    assert moved(32, 128, "rmsnorm", (1, NODES, 1)) == 0
    assert moved(32, 128, "silu", (1, 1, NODES)) == 0
    assert moved(32, 128, "rmsnorm", (1, 1, NODES), cols=8) == 0
    assert moved(32, 128, "rmsnorm", (1, 1, NODES), cols=16) == summed(32 * 8)
