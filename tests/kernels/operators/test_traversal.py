"""Traversals and transfers: what they read and leave, and their values."""

import numpy as np
import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.operators import Traversal
from bankside.kernels.reference.operators import compute


def traversal(name: str = "traversal", **options: object) -> Traversal:
    ((_, op),) = build(name, **options).operators()
    assert isinstance(op, Traversal)
    return op


@pytest.mark.parametrize(
    ("options", "read", "left"),
    [
        ({"function": "sum", "format": "int64"}, 800, 8),
        ({"function": "prefix_sum"}, 400, 400),
        ({"function": "select", "percent": 25}, 400, 100),
        ({"function": "histogram", "bins": 32}, 400, 128),
    ],
)
def test_bytes(options: dict[str, object], read: int, left: int) -> None:
    op = traversal(elements=100, **options)
    assert (op.kv_bytes, op.out_bytes, op.macs) == (read, left, 0)
    assert op.flops == (0 if options["function"] == "select" else 100)
    assert op.cached is (options["function"] in ("prefix_sum", "select"))


def test_a_transfer_brings_or_takes() -> None:
    there, back = (
        traversal("transfer", way="scatter", bytes=64),
        traversal("transfer", way="gather", bytes=64),
    )
    assert (there.cached, there.carried_bytes, back.cached, back.kv_bytes) == (True, 64, False, 64)
    assert there.flops == 0


def test_values() -> None:
    x = np.array([3.0, -1.0, 4.0, 1.0, -5.0, 9.0, 2.0, 6.0])
    made = {}
    for function in ("sum", "prefix_sum", "select", "unique", "histogram"):
        options = {"bins": 2} if function == "histogram" else {}
        op = traversal(function=function, elements=8, **options)
        (made[function],) = compute(op, {"vector": x}).values()
    assert made["sum"] == x.sum()
    assert made["prefix_sum"].tolist() == [3, 2, 6, 7, 2, 11, 13, 19]
    assert made["select"].tolist() == [3, 4, 9, 6]
    assert made["unique"].tolist() == [3, -5, 9, 2]
    runs = traversal(function="unique", elements=8, percent=37)
    same = np.array([7.0, 7.0, 7.0, 2.0, 2.0, 3.0, 3.0, 3.0])
    assert compute(runs, {"vector": same})["runs"].tolist() == [7, 2, 3]
    assert made["histogram"].tolist() == [3, 5]
    assert (
        compute(traversal("transfer", way="gather", bytes=8), {"vector": x})["arrived"].tolist() == x.tolist()
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"function": "sum", "bins": 3}, "Option bins cannot be given with sum"),
        ({"function": "histogram", "percent": 3}, "Option percent cannot be given with histogram"),
        ({"function": "select", "percent": 101}, "Option percent is 101"),
    ],
)
def test_options_that_contradict(options: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        traversal(elements=8, **options)
