"""Steps of thread blocks: waves bring and take what the product has, each operand as often as it is read."""

import numpy as np
import pytest

from bankside.kernels.plan.steps import Nests, total_bytes
from bankside.kernels.plan.tiling import Dealing, Mapping, Problem

PROBLEM = Problem(2, 300, 1000, 700, 2, 1, 2, a_from_memory=True, out_to_memory=True)


def mapping(slices: int, posted: int = 0) -> Mapping:
    dealing = Dealing(cores=13, slices=slices, stages=4, a_reads=1.5, b_reads=3.0, posted=posted)
    return Mapping(2, 3, 4, 128, 256, 64, "nk", "matrix", dealing)


@pytest.mark.parametrize("slices", [1, 2, 5])
def test_steps_of_waves_add_up(slices: int) -> None:
    nest = Nests(PROBLEM, [mapping(slices)]).steps()
    waves, _, _, k_tiles = mapping(slices).counts(PROBLEM)
    assert waves == -(-2 * 3 * 4 * slices // 13)
    assert len(nest.kt) == waves * k_tiles
    assert nest.a_byte.sum() == pytest.approx(1.5 * 2 * 300 * 700 * 2)
    assert nest.b_byte.sum() == pytest.approx(3 * 2 * 1000 * 700)
    assert nest.out_byte.sum() == pytest.approx(2 * 300 * 1000 * 2)
    assert (nest.a_byte + nest.b_byte + nest.out_byte).sum() == pytest.approx(
        total_bytes(PROBLEM, mapping(slices))
    )
    assert int((nest.cols * nest.kt).sum()) == pytest.approx(
        2 * 300 * 1000 * slices * -(-700 // slices), rel=1e-3
    )


def test_the_last_wave_brings_less() -> None:
    nest = Nests(PROBLEM, [mapping(1)]).steps()
    first, last = nest.b_byte[0], nest.b_byte[11]
    assert last == pytest.approx(first * 11 / 13)
    assert set(np.unique(nest.mt)) == {128}


def test_a_cache_takes_results_that_are_written_while_the_next_wave_works() -> None:
    written = 2 * 300 * 1000 * 2
    now, later, after = (total_bytes(PROBLEM, mapping(1, posted)) for posted in (0, 1, 2))
    assert now - later == pytest.approx(written * 11 / 24)
    assert now - after == written
    nest = Nests(PROBLEM, [mapping(1, 1)]).steps()
    assert nest.out_byte[:11].sum() == 0
    assert nest.out_byte[11:].sum() == pytest.approx(written * 13 / 24)
    assert Nests(PROBLEM, [mapping(1, 2)]).steps().out_byte.sum() == 0


def test_a_block_has_one_tile_of_whatever_extent() -> None:
    cut = mapping(1).within(Problem(1, 100, 257, 700, 2, 2, 2, True, True))
    assert (cut.batch_cores, cut.m_cores, cut.n_cores, cut.mt, cut.nt) == (1, 1, 2, 128, 256)
