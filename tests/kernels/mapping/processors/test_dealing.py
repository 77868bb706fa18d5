"""Deals of products and vectors to processors: all of the work, in whole ranks, the soonest of them."""

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.formats import FORMATS
from bankside.kernels.mapping.processors.dealing import deal_product, deal_vector, product_deals, ranks_of

CORE = load_machine("upmem").primary
INT32 = (FORMATS["int32"],) * 3


def test_ranks_double_up_to_all() -> None:
    assert ranks_of(CORE) == [64, 128, 256, 512, 1024, 2048, 2560]


@pytest.mark.parametrize("shape", [(1, 1, 4096, 4096), (7, 3, 10, 500), (6000, 1, 64, 64), (1, 1, 1, 3)])
def test_every_deal_has_all_of_the_work(shape: tuple[int, int, int, int]) -> None:
    items, _, n, k = shape
    for deal in product_deals(CORE, shape):
        assert deal.processors * deal.items * deal.outputs * deal.depth >= items * n * k
        assert deal.processors <= 2560
        assert deal.outputs <= n and deal.depth <= k


def test_little_work_takes_few_ranks_and_much_takes_all() -> None:
    assert deal_product(CORE, (1, 1, 64, 64), INT32).processors <= 64
    assert deal_product(CORE, (1, 1, 16384, 16384), INT32).processors > 2048
    assert deal_vector(CORE, 100, 1e-7).processors == 64
    assert deal_vector(CORE, 1 << 30, 1e-7).processors == 2560


def test_a_deep_product_is_cut_in_depth() -> None:
    assert deal_product(CORE, (1, 1, 64, 1 << 20), INT32).parts > 1
