"""The mapper by its bound alone: what it chooses fits, covers the problem and is no slower than plain tiling."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.candidates import naive
from bankside.kernels.mapping.choose import LONG, choose
from bankside.kernels.plan.steps import read_bytes
from bankside.kernels.plan.tiling import Int64s, Mapping, Problem, Resources, fits, tile_bytes


def node(cores: int = 4, sram: float = 64 * 1024, rows: int = 16, cols: int = 16) -> Resources:
    def cycles(m: Int64s, n: Int64s, k: Int64s, unit: int) -> tuple[Int64s, Int64s, Int64s, Int64s]:
        folds = -(-k // rows) * -(-n // cols)
        steady = folds * np.maximum(m, rows)
        return rows + steady + rows + cols - 2, steady, np.zeros_like(m), np.zeros_like(m)

    return Resources(cores, sram, 1e9, 100e9, 50e-9, 1e9, rows, cols, cycles)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.integers(1, 300), st.integers(1, 3000), st.integers(1, 3000))
def test_chosen_tile_fits_twice_and_covers(batch: int, m: int, n: int, k: int) -> None:
    problem = Problem(batch, m, n, k, 2, 2, 2, a_from_memory=True, out_to_memory=True)
    chosen = choose(problem, node())
    assert fits(problem, node(), chosen)
    kept = chosen.nt if chosen.order == "nk" else math.ceil(n / chosen.n_cores)
    buffers = 2 * 2 * chosen.kt * (chosen.mt + chosen.nt)
    assert tile_bytes(problem, chosen) == buffers + 4 * chosen.mt * kept <= 64 * 1024
    assert chosen.batch_cores * chosen.m_cores * chosen.n_cores <= 4
    assert chosen == chosen.within(problem)


def test_weights_are_read_once_when_rows_fit() -> None:
    problem = Problem(1, 16, 4096, 4096, 2, 2, 2, False, False)
    assert read_bytes(problem, choose(problem, node())) == 4096 * 4096 * 2


def test_the_trial_decides_among_the_best_few_and_the_plain_tiling() -> None:
    problem = Problem(1, 64, 1024, 1024, 2, 2, 2, True, True)
    tried: list[Mapping] = []

    def trials_s(mappings: Sequence[Mapping], best_s: float) -> list[float]:
        tried.extend(mappings)
        return [2.0**-i for i in range(len(mappings))]

    assert choose(problem, node(), trials_s) == tried[-1] == naive(problem, node())
    assert len(tried) == len(set(tried)) <= 7
    third = tried[2]
    assert choose(problem, node(), lambda found, _: [float(each != third) for each in found]) == third


def cost(problem: Problem, mapping: Mapping) -> tuple[float, float, int]:
    b_byte = problem.batch * problem.k * problem.n * problem.b_bytes
    _, m_tiles, n_tiles, k_tiles = mapping.counts(problem)
    b_byte *= m_tiles if n_tiles * k_tiles > 1 else 1
    a_byte = read_bytes(problem, mapping) - b_byte
    brought = b_byte * mapping.m_cores + a_byte * mapping.n_cores
    return a_byte + b_byte, brought, max(LONG, math.prod(mapping.counts(problem)))


@pytest.mark.parametrize(("spread", "same"), [(1e-2, 1), (1e-6, None)])
def test_of_mappings_that_take_as_long_the_one_that_moves_fewest_bytes_is_chosen(
    spread: float, same: int | None
) -> None:
    problem = Problem(1, 512, 1024, 1024, 2, 2, 2, True, True)
    tried: list[Mapping] = []

    def trials_s(mappings: Sequence[Mapping], best_s: float) -> list[float]:
        tried.extend(mappings)
        return [1 + i * spread for i in range(len(mappings))]  # the plain tiling is the last

    chosen = choose(problem, node(), trials_s)
    costs = [cost(problem, mapping) for mapping in tried[:same]]
    assert cost(problem, chosen) == min(costs)
    assert cost(problem, chosen) < cost(problem, tried[-1])


def test_no_choice_takes_longer_than_the_plain_tiling() -> None:
    problem = Problem(1, 512, 1024, 1024, 2, 2, 2, True, True)
    plain = naive(problem, node())
    chosen = choose(problem, node(), lambda found, _: [1.0001 - (each == plain) * 1e-4 for each in found])
    assert chosen == plain


def test_cores_that_do_not_divide_the_rows_are_all_used() -> None:
    chosen = choose(
        Problem(1, 8192, 1024, 1024, 2, 2, 2, True, True), node(cores=108, sram=192 * 1024, cols=64)
    )
    assert chosen.m_cores * chosen.n_cores in (104, 108)  # a grid of 26 x 4 takes as long, and reads less


def test_a_scratchpad_too_small_for_any_tile_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match="No tile of a product of 4 x 640 x 320 fits the 64 B SRAM"):
        choose(Problem(1, 4, 320, 640, 2, 2, 2, True, True), node(sram=64))
    assert naive(Problem(1, 4, 64, 64, 2, 2, 2, True, True), replace(node(), sram_bytes=8)) is None


def test_plain_tiling_is_the_largest_cube_that_fits() -> None:
    problem = Problem(1, 512, 512, 512, 2, 2, 2, True, True)
    plain = naive(problem, node(cores=1))
    assert plain is not None
    assert (plain.mt, plain.nt, plain.kt) == (64, 64, 64)  # 48 KiB; a cube of 128 wants 192 KiB
    assert (plain.order, plain.unit) == ("nk", "matrix")
