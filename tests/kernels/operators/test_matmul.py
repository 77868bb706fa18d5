"""Counts of a matrix product against the sizes of real arrays."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import MatMul, Role

FP32, INT8 = FORMATS["fp32"], FORMATS["int8"]
dim = st.integers(1, 6)


@given(copies=dim, shared=dim, m=dim, n=dim, k=dim)
def test_bytes_equal_those_of_arrays_and_macs_those_of_loops(
    copies: int, shared: int, m: int, n: int, k: int
) -> None:
    batch = copies * shared
    op = MatMul.of("x", (batch, m, n, k), "weights", (FP32, FP32, FP32), shared)
    a, b = np.zeros((batch, m, k), np.float32), np.zeros((copies, k, n), np.float32)
    out = np.zeros((batch, m, n), np.float32)
    assert (op.a.bytes, op.b.bytes, op.out.bytes) == (a.nbytes, b.nbytes, out.nbytes)
    assert op.bytes_min == a.nbytes + b.nbytes + out.nbytes
    assert op.macs == sum(1 for _ in np.ndindex(batch, m, n, k))
    assert op.flops == 2 * op.macs


def test_each_byte_belongs_to_one_class() -> None:
    roles: tuple[Role, ...] = ("weights", "kv", "activation")
    for role in roles:
        op = MatMul.of("x", (2, 3, 5, 7), role, (FP32, INT8, FP32))
        assert op.weights_bytes == (2 * 5 * 7 if role == "weights" else 0)
        assert op.kv_bytes == (2 * 5 * 7 if role == "kv" else 0)
        assert op.weights_bytes + op.kv_bytes + op.activation_bytes == op.bytes_min
