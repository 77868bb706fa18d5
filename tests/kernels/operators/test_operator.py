"""Operators refuse tensors that their loops do not go over."""

import pytest

from bankside.kernels.formats import FORMATS
from bankside.kernels.formats.computed import Taken
from bankside.kernels.operators import MatMul, RowWise, Tensor

INT4, INT8, BF16, FP16, FP32 = (FORMATS[name] for name in ("int4", "int8", "bf16", "fp16", "fp32"))


def test_a_product_names_what_does_not_fit() -> None:
    good = MatMul.of("p", (2, 3, 5, 7), "weights", (INT8, INT8, INT8))
    with pytest.raises(ValueError, match=r"p: its loops do not go over all of p\.b, short\."):
        MatMul("p", 2, 3, 5, 8, Tensor("long", (48,), INT8), good.b, Tensor("short", (2, 3), INT8))


def test_a_function_needs_whole_operands() -> None:
    out = Tensor("out", (4, 6), INT8)
    parts = (Tensor("a", (4, 4), INT8), Tensor("b", (4, 2), INT8))
    assert RowWise.over("f", "rope", parts, out).operands == 1
    with pytest.raises(ValueError, match="f: its operands are not matrices of 4 x 6"):
        RowWise.over("f", "rope", parts[:1], out)


def test_operands_and_results_are_taken_as_a_core_takes_each() -> None:
    taken = Taken(lambda _: INT8, lambda _: INT4, lambda _: FP16, lambda _: FP32)
    op = MatMul.of("p", (1, 2, 3, 4), "weights", (BF16, BF16, BF16)).computed_in(taken)
    assert [tensor.format for tensor in (op.a, op.b, op.out)] == [INT8, INT4, FP32]
    function = RowWise.of("f", "rmsnorm", (2, 2), 1, BF16, 2).computed_in(taken)
    assert [tensor.format for tensor in (*function.inputs, function.out)] == [FP16, FP16, FP32]
