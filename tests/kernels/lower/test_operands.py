"""Operands on their way: what moves, over what, and where it lands, to the byte."""

import pytest

import bankside as bs
from bankside.arch.machine.machine import load_machine
from bankside.arch.noc.packet import cost
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.operands import add_up, bring, write_back
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.trial import alone
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.partition import Deal, Loop, brought, left, stays, wanted_input
from bankside.kernels.plan.placement import Placement, crossing

BF16 = FORMATS["bf16"]
MACHINE = load_machine("hybrid-3d")
CORE, NODES = MACHINE.primary, MACHINE.primary.nodes
STRIPE = CORE.channels * CORE.memory.burst_bytes


def product(m: int, n: int, k: int, batch: int = 1) -> MatMul:
    return MatMul.of("p", (batch, m, n, k), "weights", (BF16, BF16, BF16))


LIES = {
    "memory": Placement(CORE.name, (("rows", NODES),), CORE.memory.name),
    "rows": Placement(CORE.name, (("rows", NODES),)),
    "columns": Placement(CORE.name, (("columns", NODES),)),
    "heads": Placement(CORE.name, (("heads", NODES),)),
    "products": Placement(CORE.name, (("batch", NODES),)),
    "full": Placement(CORE.name, copies=NODES),
}


def emitted(op: MatMul, loop: Loop, lies: str) -> Lowering:
    low = alone(MACHINE, CORE)
    bring(low, CORE, Deal(op, NODES, loop), LIES[lies], low.builder.label("p"))
    return low


def byte_hops(pattern: str, each: float) -> int:
    _, network = MACHINE.network(CORE.level)
    assert network is not None
    return round(cost(network, pattern, NODES, each).byte_hops)  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", ["memory", "rows", "full"])
def test_rows_stay_and_the_weights_go_to_all_and_land(layout: str) -> None:
    op = product(65536, 64, 80)
    low = emitted(op, "m", layout)
    assert low.net_bytes["noc"] == byte_hops("all_gather", op.b.bytes / NODES)
    assert low.traffic["useful"] == op.b.bytes
    assert low.traffic["written"] == op.b.bytes * (NODES - 1)


def test_columns_stay_and_the_input_goes_to_all_and_lands_where_it_does_not_fit() -> None:
    small, large = product(8, 4096, 512), product(512, 4096, 512)
    assert stays(CORE, Deal(small, NODES, "n"))
    assert not stays(CORE, Deal(large, NODES, "n"))
    for op, landed in ((small, 0), (large, large.a.bytes * (NODES - 1))):
        low = emitted(op, "n", "memory")
        assert low.net_bytes["noc"] == byte_hops("all_gather", op.a.bytes / NODES)
        assert low.traffic["useful"] == op.a.bytes
        assert low.traffic["written"] == landed
    assert emitted(small, "n", "full").net_bytes["noc"] == 0


def test_what_lies_otherwise_is_dealt_anew() -> None:
    op = product(4096, 64, 64)
    low = emitted(op, "m", "heads")
    exchanged = byte_hops("all_to_all", op.a.bytes / NODES**2)
    assert low.net_bytes["noc"] == exchanged + byte_hops("all_gather", op.b.bytes / NODES)
    many = product(64, 64, 64, batch=16)
    assert emitted(many, "batch", "heads").net_bytes["noc"] == byte_hops(
        "all_to_all", many.a.bytes / NODES**2
    )
    for layout in ("memory", "products", "full"):
        assert emitted(many, "batch", layout).net_bytes["noc"] == 0


def test_how_data_lies_follows_from_the_split() -> None:
    columns, rows, depth = (Deal(product(64, 64, 64), NODES, loop) for loop in ("n", "m", "k"))
    products, few = Deal(product(64, 64, 64, 16), NODES, "batch"), Deal(product(64, 64, 64, 4), NODES, "m")
    assert [left(CORE, deal).axes for deal in (columns, rows, depth, products, few)] == [
        ("columns",), ("rows",), (), ("batch",), ("batch", "rows"),
    ]  # fmt: skip
    assert all(brought(CORE, columns, LIES[name]).whole for name in LIES)
    assert [brought(CORE, rows, LIES[name]) for name in ("memory", "rows", "columns", "full")] == [
        LIES["memory"], LIES["rows"], LIES["rows"], LIES["full"],
    ]  # fmt: skip
    assert brought(CORE, depth, LIES["heads"]) == LIES["columns"]
    assert brought(CORE, products, LIES["memory"]) == LIES["products"]


# what an exchange has to do, by how the input lies and which loop the nodes share
CROSSINGS = {
    "n": {"full": None, **dict.fromkeys(("memory", "rows", "columns", "heads", "products"), "all_gather")},
    "m": {**dict.fromkeys(("full", "memory", "rows")), **dict.fromkeys(("columns", "heads", "products"), "all_to_all")},
    "k": {**dict.fromkeys(("full", "columns")), **dict.fromkeys(("memory", "rows", "heads", "products"), "all_to_all")},
    "batch": {
        **dict.fromkeys(("full", "memory", "products")), **dict.fromkeys(("rows", "columns", "heads"), "all_to_all"),
    },
}  # fmt: skip


@pytest.mark.parametrize("loop", CROSSINGS)
def test_a_move_is_the_difference_of_two_placements(loop: Loop) -> None:
    op = product(64, 64, 64, 16 if loop == "batch" else 1)
    wanted = wanted_input(CORE, Deal(op, NODES, loop))
    assert {lies: crossing(LIES[lies], wanted) for lies in LIES} == CROSSINGS[loop]


def test_parts_of_several_products_are_dealt_anew_unless_they_lie_so() -> None:
    few = Deal(product(64, 64, 64, 4), NODES, "m")
    assert crossing(LIES["rows"], wanted_input(CORE, few)) == "all_to_all"
    assert crossing(LIES["memory"], wanted_input(CORE, few)) is None
    assert crossing(left(CORE, few), wanted_input(CORE, few)) is None


def test_partial_sums_of_a_depth_meet_on_the_network_and_are_written_once() -> None:
    op = product(8, 512, 4096)
    low, deal = emitted(op, "k", "columns"), Deal(op, NODES, "k")
    assert low.net_bytes["noc"] == 0
    add_up(low, CORE, deal, 0)
    assert low.net_bytes["noc"] == byte_hops("all_reduce", 8 * 512 * 4)
    assert low.unit_events[CORE.name]["vector"]["vector_op"] == 8 * 512 * (NODES - 1)
    write_back(low, CORE, deal, 0)
    assert low.traffic["written"] == op.out.bytes


@pytest.mark.parametrize(("m", "active"), [(4096, 16), (4099, 16), (13, 13)])
def test_t1_a_whole_run_conserves_work_and_bytes(m: int, active: int) -> None:
    """One tile of weights a node, so every operand passes the tap as often as the split says."""
    n = k = 64
    tile = {"m": 32, "n": n, "k": k}
    pin = PinSpec(operator="gemm", split={"batch": 1, "m": active, "n": 1}, cores={"batch": 1, "m": 1, "n": 1},
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
