"""Ways to deal a product: every part of the work once, on machines of any number of nodes, and what a pin may say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bankside as bs
from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.partition import Deal, copied_bytes, deals

BF16 = FORMATS["bf16"]
CORES = {name: load_machine(name).primary for name in ("base-die", "axdimm", "hybrid-3d", "attacc-buffer")}
ONE = {"batch": 1, "m": 1, "n": 1}


def product(batch: int, m: int, n: int, k: int = 3) -> MatMul:
    return MatMul.of("p", (batch, m, n, k), "weights", (BF16, BF16, BF16))


@given(st.sampled_from(sorted(CORES)), st.integers(1, 200), st.integers(1, 200), st.integers(1, 200))
def test_t1_every_multiplication_is_dealt_once(name: str, batch: int, m: int, n: int) -> None:
    core, op = CORES[name], product(batch, m, n)
    for deal in deals(op, core):
        shares = [deal.share(node) for node in range(core.nodes)]
        assert sum(map(math.prod, shares)) == batch * m * n * op.k
        assert max(math.prod(share) for share in shares) == math.prod(shares[0])
        assert sum(items > 0 for items, *_ in shares) == deal.split.active
        assert deal.split.active == math.prod(deal.grid.values())


@pytest.mark.parametrize(
    ("name", "op", "loops"),
    [
        ("base-die", product(1, 512, 512), ["batch"]),
        ("hybrid-3d", product(1, 512, 512), ["n", "m"]),
        ("hybrid-3d", product(1, 64, 512), ["n", "m", "k"]),
        ("hybrid-3d", product(1, 1, 512), ["n", "k"]),
        ("hybrid-3d", product(1, 2, 1), ["n", "m", "k"]),
        ("hybrid-3d", product(8, 2, 1), ["n", "m", "k"]),
        ("hybrid-3d", product(9, 512, 512), ["batch"]),
        ("hybrid-3d", product(1, 512, 2**18, 512), ["n", "m"]),
        ("hybrid-3d", product(1, 512, 2**18, 1024), ["n"]),
    ],
)
def test_rows_are_dealt_where_they_can_be_shared_and_the_weights_have_room(
    name: str, op: MatMul, loops: list[str]
) -> None:
    assert [deal.loop for deal in deals(op, CORES[name])] == loops


def test_who_shares_rows_gets_the_weights_of_its_product_that_others_own() -> None:
    rows = Deal(product(2, 100, 64, 50), 16, "m")
    assert rows.weight_bytes == pytest.approx(2 * 64 * 50 * 15 / 16)
    assert Deal(product(2, 100, 64, 50), 16, "n").weight_bytes == 0
    assert Deal(product(16, 100, 64, 50), 16, "batch").weight_bytes == 0


def test_a_pin_says_which_and_the_mapper_what_it_leaves() -> None:
    machine, kernel = load_machine("hybrid-3d"), bs.kernel("gemm", m=4096, n=64, k=64, format="bf16")
    tile = {"cores": ONE, "tile": {"m": 64, "n": 32, "k": 64}, "unit": "matrix"}
    ran = [
        bs.simulate(kernel, machine, mapping=[PinSpec(operator="gemm", **tile, **more)])
        for more in ({}, {"split": {"n": 16}}, {"split": ONE | {"m": 16}})
    ]
    splits = [result.document["mapping"]["operators"][0]["split"] for result in ran]
    assert splits == [{"batch": 1, "m": 16}, {"batch": 1, "n": 16}, {"batch": 1, "m": 16}]
    assert ran[0].time_s == ran[2].time_s < ran[1].time_s
    for split, sentence in (
        ({"m": 8}, "splits m over 8 nodes, but core pe can split batch x m x n x k over 1 x 1 x 16 x 1 or"),
        ({"x": 2}, "has split.x; split has batch, m, n, k."),
    ):
        with pytest.raises(ConfigError, match=sentence):
            bs.simulate(kernel, machine, mapping=[PinSpec(operator="gemm", **tile, split=split)])


@pytest.mark.parametrize("batch", [1, 3])
def test_copies_have_to_fit_what_the_kernel_leaves_free(batch: int) -> None:
    core, op = CORES["hybrid-3d"], product(batch, 4096, 2048, 1024)
    columns, rows, *_ = deals(op, core)
    for deal, each in ((columns, op.a.bytes), (rows, op.b.bytes)):
        assert copied_bytes(core, deal) == deal.split.active * each / batch * 15 / 16
    assert copied_bytes(core, rows) < copied_bytes(core, columns)
    assert deals(op, core, copied_bytes(core, columns)) == [columns, rows]
    assert deals(op, core, copied_bytes(core, columns) - 1) == [rows]
    assert deals(op, core, copied_bytes(core, rows) - 1) == [columns]
    assert copied_bytes(core, Deal(product(1, 8, 512, 64), 16, "n")) == 0
