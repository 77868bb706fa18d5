"""Look-ups: what they read and leave, and their values."""

import numpy as np

from bankside.kernels.catalog.catalog import build
from bankside.kernels.operators import Lookup
from bankside.kernels.reference.operators import compute


def lookup(**options: object) -> Lookup:
    ((_, op),) = build("embedding", **options).operators()
    assert isinstance(op, Lookup)
    return op


def test_bytes_are_those_of_the_rows_that_are_read() -> None:
    op = lookup(tables=3, rows=1000, dim=16, batch=4, pooling=10)
    assert op.weights_bytes == 3 * 4 * 10 * 16 * 4
    assert (op.carried_bytes, op.out_bytes) == (3 * 4 * 10 * 4, 3 * 4 * 16 * 4)
    assert (op.macs, op.flops) == (0, 3 * 4 * 9 * 16)
    assert op.table.bytes == 3 * 1000 * 16 * 4


def test_values() -> None:
    op = lookup(tables=2, rows=3, dim=2, batch=1, pooling=2)
    table = np.arange(12.0).reshape(2, 3, 2)
    made = compute(op, {"tables": table, "rows": np.array([[[0, 2]], [[1, 1]]])})
    assert made["pooled"].tolist() == [[[4, 6]], [[16, 18]]]
