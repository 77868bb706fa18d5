"""Deals of products and vectors to processors: all of the work, in whole ranks, the soonest of them."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.processors.emit import traverse
from bankside.kernels.lower.processors.offload import Elapsed
from bankside.kernels.mapping.processors.dealing import (
    all_ranks_of,
    deal_product,
    deal_vector,
    product_deals,
    ranks_of,
)
from bankside.kernels.operators import Traversal
from bankside.kernels.plan.processor_tiling import Dealt
from bankside.kernels.run.simulate import simulate

UPMEM = load_machine("upmem")
CORE, HUB = UPMEM.primary, UPMEM.cores["host"]
INT32 = (FORMATS["int32"],) * 3


def test_ranks_double_up_to_all() -> None:
    assert ranks_of(CORE) == [64, 128, 256, 512, 1024, 2048, 2560]


def test_vectors_are_dealt_to_every_number_of_ranks_of_modules() -> None:
    """A module has two; above 32 ranks one more is not tried."""
    assert set(range(64, 2049, 64)) | set(range(2048, 2561, 128)) == set(all_ranks_of(CORE))


@pytest.mark.parametrize("shape", [(1, 1, 4096, 4096), (7, 3, 10, 500), (6000, 1, 64, 64), (1, 1, 1, 3)])
def test_every_deal_has_all_of_the_work(shape: tuple[int, int, int, int]) -> None:
    items, _, n, k = shape
    for deal in product_deals(CORE, shape):
        assert deal.processors * deal.items * deal.outputs * deal.depth >= items * n * k
        assert deal.processors <= 2560
        assert deal.outputs <= n and deal.depth <= k


def launched(deal: Dealt) -> Elapsed:
    """A launch, and 0.1 us an element."""
    elapsed = Elapsed(CORE, HUB)
    elapsed.launch(deal.processors)
    elapsed.loop_s += deal.outputs * 1e-7
    return elapsed


def test_little_work_takes_few_ranks_and_much_takes_all() -> None:
    assert deal_product(CORE, HUB, (1, 1, 64, 64), INT32).processors <= 64
    assert deal_product(CORE, HUB, (1, 1, 16384, 16384), INT32).processors > 2048
    assert deal_vector(CORE, 100, launched).processors == 64
    assert deal_vector(CORE, 1 << 30, launched).processors == 2560


def test_a_deep_product_is_cut_in_depth() -> None:
    assert deal_product(CORE, HUB, (1, 1, 64, 1 << 20), INT32).parts > 1


def test_a_pair_is_dealt_by_the_routine_of_its_wider_element() -> None:
    """14 instructions a multiply-accumulate of int16, whichever of the two is int8, which alone takes 4."""
    int8, int16 = FORMATS["int8"], FORMATS["int16"]
    shape, alone = (1, 1, 4096, 4096), (int16, int16, int16)
    wide = deal_product(CORE, HUB, shape, alone)
    for a, b in ((int16, int8), (int8, int16)):
        assert deal_product(CORE, HUB, shape, (a, b, int16)) == wide
    assert deal_product(CORE, HUB, shape, (int8, int8, int8)).processors < wide.processors


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("traversal", {"function": "sum", "elements": 1_000_000, "format": "fp32"}),
        ("traversal", {"function": "unique", "elements": 1_000_000, "format": "int4"}),
        ("traversal", {"function": "prefix_sum", "elements": 1_000_000, "format": "int32"}),
        ("traversal", {"function": "histogram", "elements": 1_000_000, "format": "int32"}),
        ("elementwise", {"function": "add", "elements": 1_000_000, "format": "int32"}),
    ],
)
def test_no_machine_of_fewer_modules_is_faster(name: str, options: dict[str, Any]) -> None:
    """Modules have two ranks, and those of few are a choice of many."""
    kernel = build(name, **options)
    whole = simulate(kernel, UPMEM).time_s
    for modules in (1, 2, 3, 5, 8):
        few = load_machine("upmem", [f"memories.mram.stacks={modules}"])
        assert whole <= simulate(kernel, few).time_s


@pytest.mark.parametrize("function", ["sum", "prefix_sum", "unique", "histogram"])
def test_the_time_of_a_deal_is_that_of_its_run(function: str) -> None:
    (op,) = (
        each
        for _, each in build("traversal", function=function, elements=100_000, format="int32").operators()
    )
    assert isinstance(op, Traversal)
    result = simulate(build("traversal", function=function, elements=100_000, format="int32"), UPMEM)
    ran = result.document["mapping"]["operators"][0]
    elapsed = Elapsed(CORE, HUB)
    traverse(elapsed, op, Dealt(ran["processors"], 1, ran["tile"]["n"]))
    assert elapsed.host_s + elapsed.loop_s == pytest.approx(result.time_s, rel=0.02)
