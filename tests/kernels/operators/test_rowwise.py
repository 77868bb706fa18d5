"""Counts of row-wise functions."""

import pytest

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import FUNCTIONS, RowWise

INT8 = FORMATS["int8"]


def test_operands_results_and_norm_weights_are_counted_once_each() -> None:
    op = RowWise.of("x", "layernorm", (3, 5), 1, INT8, 10)
    assert (op.carried_bytes, op.out_bytes, op.weights_bytes) == (15, 15, 10)
    assert op.bytes_min == 40
    assert op.flops == 7 * 15


def test_a_weighted_sum_costs_two_operations_per_operand() -> None:
    assert RowWise.of("x", "weighted_sum", (2, 3), 9, INT8).flops == 2 * 9 * 6


@pytest.mark.parametrize(
    ("n", "gflop", "rounding"), [(128, 0.08, 0.005), (512, 0.42, 0.005), (4096, 11.85, 0.05)]
)
def test_conventions_reproduce_the_rest_of_bert_base(n: int, gflop: float, rounding: float) -> None:
    # llm_kernel_facts-010, -025, -040 (Kim et al. 2023, Table 3): 12 layers; bias adds are 4 d + 5 d a token
    d, heads = 768, 12
    per_layer = (
        FUNCTIONS["softmax"].flops_per_element * heads * n * n
        + 2 * FUNCTIONS["layernorm"].flops_per_element * n * d
        + FUNCTIONS["gelu"].flops_per_element * n * 4 * d
        + 2 * FUNCTIONS["add"].flops_per_element * n * d
        + 9 * n * d
    )
    assert 12 * per_layer / 1e9 == pytest.approx(gflop, abs=rounding)
