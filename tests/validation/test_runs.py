"""Claims about kernels that run on machines: every source of figures of a run has one, and they say what they say."""

import pytest

from bankside.validation import runs
from bankside.validation.check import check
from bankside.validation.claims import claims_of, sources

MODULES = ("runs", "paces", "products", "attention", "decoding", "watts", "processors")
IN_PART = (
    "noc:tokens_per_s",
    "noc:lpu_tokens_per_s",
    "pim:aim",
    "pim:lp5x",
    "pim:axdimm",
    "thermal:hottest_c",
)
THROUGH_A_RUN = (
    *(f"validation.{module}:" for module in (*MODULES, "operands.serial_runs", "operands.sparse_products")),
    *(f"validation.{function}" for function in IN_PART),
)
OF_SHAPES = {"cake", "checkpoints", "deepseek_2025", "kim_2023"}
OF_FORMATS = {"microscaling", "quantisers", "sparse_encodings"}
OF_FUNCTIONS = {"function_fits", "walther_1971"}
OF_DIGITS = {"bit_serial_forms"}
OF_HEAT = {"hotspot", "imec_2025"}  # stacks of given powers
OF_AREAS = {"published_areas"}
OF_COLLECTIVES = {"nccl"}  # by themselves; as layers send them they are claims of tensor_parallel
OF_RANDOM_TRAFFIC = {"booksim2"}  # which no kernel sends; machines name its routers for what kernels send
RING_LINK_NS = 510
RING_BYTES_PER_NS = 50 * 2**30 / 1e9


def test_every_source_of_figures_of_hardware_has_a_claim_that_runs_a_kernel() -> None:
    ran = {
        source.name
        for source in sources()
        if any(claim.call.function.startswith(THROUGH_A_RUN) for claim in source.claims)
    }
    without = (
        OF_SHAPES
        | OF_FORMATS
        | OF_FUNCTIONS
        | OF_DIGITS
        | OF_HEAT
        | OF_AREAS
        | OF_COLLECTIVES
        | OF_RANDOM_TRAFFIC
    )
    assert {source.name for source in sources()} - without <= ran


@pytest.mark.parametrize("unit", ["flash", "noc"])
def test_every_claim_holds(unit: str) -> None:
    claims = claims_of([unit])
    assert sum(claim.gated for claim in claims) >= 4
    assert [claim.id for claim in claims if check(claim).fails] == []


def test_a_ring_gathers_in_steps_of_a_link() -> None:
    for nodes, byte in ((2, 2048), (5, 40960)):
        step_ns = RING_LINK_NS + byte / RING_BYTES_PER_NS
        assert runs.collective_ns(nodes, "all_gather", byte) == pytest.approx((nodes - 1) * step_ns, abs=1e-3)


def test_padded_folds_are_not_compared() -> None:
    row = {"dataflow": "ws", "rows": "8", "cols": "16", "M": "3", "N": "32", "K": "24"}
    assert runs._fills_whole_folds(row)
    assert runs._fills_whole_folds(row | {"dataflow": "is", "M": "16", "N": "3"})
    assert not runs._fills_whole_folds(row | {"N": "33"})
    assert not runs._fills_whole_folds(row | {"K": "25"})


def test_an_array_takes_every_fold_in_turn() -> None:
    row = {"rows": "8", "cols": "16", "M": "3", "N": "32", "K": "24"}
    folds, alone = 3 * 2, 8 + 3 + 8 + 16 - 2
    assert runs._array_cycles(row, "ws") == folds * alone
    assert runs._array_cycles(row, "ws", shadow=True) == 8 + (folds - 1) * 8 + 3 + 8 + 16 - 2
