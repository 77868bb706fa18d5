"""Mappings: exact coverage, bytes as footprint times refetches, and searches as good as trying everything."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.mapping import Block, Gemm, Tiling, coverage_errors, moved
from tests.oracles.mapping_search import Case, best_of_all, cases

from bankside.kernels.mapping.candidates import naive
from bankside.kernels.mapping.choose import choose
from bankside.kernels.plan.steps import SHAPES, Nests, read_bytes, total_bytes
from bankside.kernels.plan.tiling import Mapping, Problem

WITHIN = 1.02  # of the best of all mappings


@st.composite
def mapped(draw: st.DrawFn, cores: int = 3) -> tuple[Problem, Mapping]:
    size = st.integers(1, 9)
    batch, m, n, k = (draw(size) for _ in range(4))
    problem = Problem(batch, m, n, k, 2, 1, 4, draw(st.booleans()), draw(st.booleans()))
    grid = [draw(st.integers(1, cores)) for _ in range(3)]
    tile = [draw(size) for _ in range(3)]
    order: Any = draw(st.sampled_from(["nk", "kn"]))
    return problem, Mapping(*grid, *tile, order, "matrix").within(problem)


@settings(max_examples=150, deadline=None)
@given(mapped())
def test_t2_every_product_is_computed_once(case: tuple[Problem, Mapping]) -> None:
    problem, mapping = case
    nest = Nests(problem, [mapping]).steps()
    blocks: dict[int, list[Block]] = {item: [] for item in range(problem.batch)}
    for s in range(len(nest.kt)):
        spans = [
            range(int(first[s]), int(first[s] + extent[s]))
            for first, extent in ((nest.row, nest.rows), (nest.col, nest.cols), (nest.depth, nest.kt))
        ]
        for item in range(int(nest.item[s]), int(nest.item[s] + nest.items[s])):
            blocks[item].append(Block(*spans))
    for parts in blocks.values():
        assert coverage_errors(Gemm(problem.m, problem.n, problem.k), parts) == []
    assert (nest.rows <= nest.mt * mapping.m_cores).all()
    assert (nest.cols <= nest.nt * mapping.n_cores).all()
    assert (nest.items <= mapping.batch_cores).all()


@settings(max_examples=150, deadline=None)
@given(mapped(cores=1))
def test_t1_bytes_of_one_core_equal_the_walked_buffer(case: tuple[Problem, Mapping]) -> None:
    problem, mapping = case
    loops = "m" + mapping.order
    walked = moved(
        Gemm(problem.m, problem.n, problem.k),
        Tiling(Gemm(mapping.mt, mapping.nt, mapping.kt), loops),
        {"a": 2, "b": 1, "c": 4},
    )
    nest = Nests(problem, [mapping]).steps()
    assert nest.a_byte.sum() == problem.batch * walked.read_byte["a"]
    assert nest.b_byte.sum() == problem.batch * walked.read_byte["b"]
    assert nest.out_byte.sum() == problem.batch * problem.m * problem.n * 4


@settings(max_examples=150, deadline=None)
@given(mapped())
def test_t1_bytes_equal_footprint_times_refetches_on_any_grid(case: tuple[Problem, Mapping]) -> None:
    problem, mapping = case
    nest = Nests(problem, [mapping]).steps()
    read = nest.b_byte.sum() + nest.a_byte.sum() * problem.a_from_memory
    assert read == read_bytes(problem, mapping)
    moved_byte = read + nest.out_byte.sum() * problem.out_to_memory
    assert moved_byte == total_bytes(problem, mapping)


@settings(max_examples=60, deadline=None)
@given(mapped())
def test_tiles_by_shape_are_the_steps(case: tuple[Problem, Mapping]) -> None:
    problem, mapping = case
    nest = Nests(problem, [mapping]).steps()
    shapes, counts = (each.reshape(-1, SHAPES) for each in Nests(problem, [mapping]).shapes)
    walked = np.unique(np.stack([nest.shape, nest.mt, nest.nt, nest.kt]), axis=1, return_counts=True)
    found = {(i, *shapes[:, i].tolist()): count for i, count in enumerate(counts[0].tolist()) if count}
    assert found == {tuple(shape): int(n) for shape, n in zip(walked[0].T.tolist(), walked[1], strict=True)}


def chosen(case: Case) -> Mapping:
    return choose(case.problem, case.node, lambda found, _: [case.time_s(each) for each in found])


def against_all(some: list[Case]) -> None:
    for case in some:
        best_s, best = best_of_all(case)
        mapping = chosen(case)
        assert case.time_s(mapping) <= WITHIN * best_s, (case, mapping, best)


def against_naive(some: list[Case]) -> None:
    for case in some:
        plain = naive(case.problem, case.node)
        assert plain is not None
        assert case.time_s(chosen(case)) <= case.time_s(plain), case


def test_a_choice_is_within_two_per_cent_of_the_best_of_all() -> None:
    against_all([case for case in cases(12, small=True) if case.m * case.problem.n <= 24])


def test_a_choice_is_never_slower_than_the_plain_tiling() -> None:
    against_naive(cases(9, small=False))


@pytest.mark.slow
def test_small_choices_are_within_two_per_cent_of_the_best_of_all() -> None:
    against_all([case for case in cases(100, small=True, seed=5) if case.m * case.problem.n <= 90])


@pytest.mark.slow
def test_two_hundred_choices_are_never_slower_than_the_plain_tiling() -> None:
    against_naive(cases(200, small=False))
