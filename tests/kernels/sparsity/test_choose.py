"""Crossovers, and the encoding that a dataflow reads the fewest bits of."""

import numpy as np
import pytest

from bankside.kernels.sparsity import crossover
from bankside.kernels.sparsity.choose import Offer, Order, offers
from bankside.kernels.sparsity.encoding import Statistics
from bankside.kernels.sparsity.known import encoding


def named(names: str, matrix: object, order: Order, strip: int = 1) -> list[Offer]:
    return offers([encoding(name) for name in names.split()], matrix, 8, order, strip)  # type: ignore[arg-type]


def test_runs_and_bitmaps_cross_where_the_tables_say() -> None:
    for (run, bits), printed in {
        (2, 4): [],
        (3, 4): [0.2843],
        (4, 8): [0.2411],
        (4, 16): [0.0465, 0.2331],
        (5, 16): [0.1993],
        (8, 16): [0.1250],
    }.items():
        assert crossover.runs_against_bitmap(run, bits) == pytest.approx(printed, abs=6e-5)


def test_closed_crossovers() -> None:
    assert crossover.bitmap_below_dense(8) == 0.125
    assert crossover.index_below_bitmap(12) == pytest.approx(0.916667, abs=1e-6)
    assert crossover.index_below_dense(10, 4) == pytest.approx(0.714286, abs=1e-6)
    assert crossover.bitmap_below_index(8) == pytest.approx(2.66667, abs=1e-5)
    assert [crossover.entropy_bits(d) for d in (0.5, 0.1, 0.01)] == pytest.approx(
        [2, 4.68996, 8.07931], abs=1e-5
    )


def test_dense_bitmap_and_indices_take_turns_at_their_crossovers() -> None:
    def best(density: float) -> str:
        return named("dense bitmap csr", Statistics(4096, 4096, density), "rows")[0].encoding

    assert [best(d) for d in (0.9, 0.87, 0.5, 0.084)] == ["dense", "bitmap", "bitmap", "bitmap"]
    assert best(0.08) == "csr"  # 12 bits and pointers: sparsity above 1 - 1 / 12


def test_the_order_of_access_decides_between_rows_and_columns() -> None:
    matrix = Statistics(2048, 2048, 0.01)
    by_row, by_column = named("csr csc", matrix, "rows"), named("csr csc", matrix, "columns")
    assert (by_row[0].encoding, by_row[0].parts) == ("csr", "whole")
    assert (by_column[0].encoding, by_column[0].parts) == ("csc", "whole")
    assert by_row[0].read_bits == by_column[0].read_bits
    # read against its order, the metadata is read for every strip
    wrong = next(offer for offer in by_row if (offer.encoding, offer.parts) == ("csc", "whole"))
    values = matrix.nonzeros * 8
    assert wrong.read_bits - values == pytest.approx(2048 * (wrong.stored_bits - values))
    assert wrong.stored_bits == by_row[0].stored_bits


def test_a_bitmap_is_turned_and_groups_lie_either_way() -> None:
    for order in ("rows", "columns"):
        found = named("bitmap nm-index", Statistics(64, 128, 0.5), order)  # type: ignore[arg-type]
        assert {offer.along for offer in found} == {order}
        assert found[0].read_bits == found[0].stored_bits == 64 * 128 * (0.5 * 8 + 1)


def test_strips_of_a_mask_are_counted_one_by_one() -> None:
    mask = np.random.default_rng(0).random((33, 40)) < 0.2
    strips = next(offer for offer in named("coo", mask, "rows", 16) if offer.parts == "strips")
    values, index = int(mask.sum()) * 8, (4 + 6, 4 + 6, 0 + 6)
    places = sum(int(mask[16 * i : 16 * i + 16].sum()) * bits for i, bits in enumerate(index))
    pointer = int(np.ceil(np.log2(values + places + 1)))
    assert strips.stored_bits == values + places + 3 * pointer
