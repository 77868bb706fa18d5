"""Operands on their way: what moves, over what, and where it lands, to the byte."""

import pytest

import bankside as bs
from bankside.arch.machine.machine import load_machine
from bankside.arch.noc.packet import cost
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.lowering import Layout, Lowering
from bankside.kernels.lower.operands import bring, held, left, travels
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.trial import alone
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.partition import Deal, Loop, stays

BF16 = FORMATS["bf16"]
MACHINE = load_machine("hybrid-3d")
CORE, NODES = MACHINE.primary, MACHINE.primary.nodes
STRIPE = CORE.channels * CORE.memory.burst_bytes


def product(m: int, n: int, k: int, batch: int = 1) -> MatMul:
    return MatMul("p", batch, m, n, k, "weights", BF16, BF16, BF16)


def brought(op: MatMul, loop: Loop, layout: Layout) -> Lowering:
    low = alone(MACHINE, CORE)
    low.layout = layout
    bring(low, CORE, Deal(op, NODES, loop), low.builder.label("p"))
    return low


def byte_hops(pattern: str, each: float) -> int:
    _, network = MACHINE.network(CORE.level)
    assert network is not None
    return round(cost(network, pattern, NODES, each).byte_hops)  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", ["memory", "rows", "full"])
def test_rows_stay_and_the_weights_go_to_all_and_land(layout: Layout) -> None:
    op = product(65536, 64, 80)
    low = brought(op, "m", layout)
    assert low.net_bytes["noc"] == byte_hops("all_gather", op.b_bytes / NODES)
    assert low.traffic["useful"] == op.b_bytes
    assert low.traffic["written"] == op.b_bytes * (NODES - 1)


def test_columns_stay_and_the_input_goes_to_all_and_lands_where_it_does_not_fit() -> None:
    small, large = product(8, 4096, 512), product(512, 4096, 512)
    assert stays(CORE, Deal(small, NODES, "n"))
    assert not stays(CORE, Deal(large, NODES, "n"))
    for op, landed in ((small, 0), (large, large.a_bytes * (NODES - 1))):
        low = brought(op, "n", "memory")
        assert low.net_bytes["noc"] == byte_hops("all_gather", op.a_bytes / NODES)
        assert low.traffic["useful"] == op.a_bytes
        assert low.traffic["written"] == landed
    assert brought(small, "n", "full").net_bytes["noc"] == 0


def test_what_lies_otherwise_is_dealt_anew() -> None:
    op = product(4096, 64, 64)
    low = brought(op, "m", "split")
    exchanged = byte_hops("all_to_all", op.a_bytes / NODES**2)
    assert low.net_bytes["noc"] == exchanged + byte_hops("all_gather", op.b_bytes / NODES)
    many = product(64, 64, 64, batch=16)
    assert brought(many, "batch", "split").net_bytes["noc"] == byte_hops(
        "all_to_all", many.a_bytes / NODES**2
    )
    for layout in ("memory", "products", "full"):
        assert brought(many, "batch", layout).net_bytes["noc"] == 0


def test_how_data_lies_follows_from_the_split() -> None:
    columns, rows = (Deal(product(64, 64, 64), NODES, loop) for loop in ("n", "m"))
    products, few = Deal(product(64, 64, 64, 16), NODES, "batch"), Deal(product(64, 64, 64, 4), NODES, "m")
    assert [left(deal) for deal in (columns, rows, products, few)] == ["split", "rows", "products", "split"]
    assert [held(columns, layout) for layout in ("memory", "rows", "split")] == ["full"] * 3
    assert [held(rows, layout) for layout in ("memory", "rows", "split", "full")] == [
        "memory", "rows", "rows", "full",
    ]  # fmt: skip
    assert held(products, "memory") == "products"
    assert travels(few, "rows") == "all_to_all"


@pytest.mark.parametrize(("m", "active"), [(4096, 16), (4099, 16), (13, 13)])
def test_t1_a_whole_run_conserves_work_and_bytes(m: int, active: int) -> None:
    """One tile of weights a node, so every operand passes the tap as often as the split says."""
    n = k = 64
    tile = {"m": 32, "n": n, "k": k}
    pin = PinSpec(label="gemm", split={"batch": 1, "m": active, "n": 1}, cores={"batch": 1, "m": 1, "n": 1},
                  tile=tile, unit="matrix")  # fmt: skip
    kernel = bs.kernel("gemm", m=m, n=n, k=k, format="bf16")
    result = bs.simulate(kernel, MACHINE, mapping=[pin]).document
    assert result["mapping"]["operators"][0]["nodes"] == active
    a, b, out = 2 * m * k, 2 * n * k, 2 * m * n
    dram = result["bandwidth"]["dram"]
    assert dram["bytes_useful"] == a + b + active * b
    assert dram["bytes_written"] == out + active * b * 15 // 16
    assert 0 <= dram["bytes_read"] - dram["bytes_useful"] <= 2 * 16 * STRIPE
    mac_j = bs.simulate(kernel, MACHINE).document["energy"]["parts_j"]["mac"]
    assert result["energy"]["parts_j"]["mac"] == mac_j
