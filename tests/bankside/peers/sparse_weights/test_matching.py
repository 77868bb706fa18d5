"""Unevenly sparse weights: slots laid out one by one, and the even patterns that must lose nothing."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.pe.systolic.fold import DATAFLOWS, IS, OS, WS
from bankside.arch.pe.systolic.physical import gemm_cycles
from bankside.peers.sparse_weights import matching
from bankside.peers.sparse_weights.pattern import metadata_bits


def slots(mask: np.ndarray, group: int) -> int:
    """Lay kept weights of adjacent columns into common slots: a slot holds one weight of one group per
    column."""
    used = 0
    for start in range(0, mask.shape[0], group):
        waiting = [list(np.flatnonzero(column)) for column in mask[start : start + group].T]
        while any(waiting):
            waiting = [column[1:] for column in waiting]
            used += 1
    return used


@pytest.mark.parametrize("dataflow", [WS, OS, IS], ids=DATAFLOWS)
@pytest.mark.parametrize("shadow", [False, True])
def test_even_patterns_equal_the_closed_forms(dataflow: int, shadow: bool) -> None:
    for rows, cols, m, n, (keep, group) in product((2, 5), (3, 4), (1, 9), (4, 10), ((1, 1), (2, 4), (1, 4))):
        mask = np.arange(24)[:, None] % group < keep
        kept = matching.kept_counts(np.repeat(mask, n, axis=1), group)
        total, lost, useful = matching.matched_cycles(dataflow, rows, cols, m, kept, shadow)
        assert total == gemm_cycles(dataflow, rows, cols, m, n, 24 * keep // group, shadow)[0]
        assert (lost, useful) == (0, m * n * 24 * keep // group)


@pytest.mark.parametrize("group", [3, 4, 8])
def test_slots_follow_the_fullest_column(group: int) -> None:
    mask = np.random.default_rng(group).random((21, 9)) < 0.4
    kept = matching.kept_counts(mask, group)
    for begin, end in ((0, 9), (2, 5), (8, 9)):
        length, even = matching.strip_length(kept, begin, end)
        assert length == slots(mask[:, begin:end], group)
        assert even == -(-int(mask[:, begin:end].sum()) // (end - begin))
    # one strip of os: the stream is as long as the slots
    total, lost, _ = matching.matched_cycles(OS, 4, 9, 4, kept, False)
    assert total == slots(mask, group) + 4 + 9 - 2 + 4
    assert lost == slots(mask, group) - -(-int(mask.sum()) // 9)


def test_input_stationary_waits_for_the_fullest_column_of_all() -> None:
    kept = np.array([[1, 1, 4, 1], [2, 2, 2, 2]])
    assert matching.matched_cycles(IS, 4, 4, 8, kept, True)[0] == gemm_cycles(IS, 4, 4, 8, 4, 6, True)[0]
    assert matching.matched_cycles(WS, 4, 2, 8, kept, False)[0] == (
        gemm_cycles(WS, 4, 2, 8, 2, 3, False)[0] + gemm_cycles(WS, 4, 2, 8, 2, 6, False)[0]
    )


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([WS, OS, IS]), st.integers(1, 6), st.integers(1, 6), st.integers(1, 9),
    st.integers(1, 9), st.integers(1, 6), st.booleans(), st.integers(0, 99),
)  # fmt: skip
def test_t2_sparse_work_is_useful_work_and_never_slower_than_dense(
    dataflow: int, rows: int, cols: int, m: int, n: int, groups: int, shadow: bool, seed: int
) -> None:
    mask = np.random.default_rng(seed).random((4 * groups, n)) < 0.5
    kept = matching.kept_counts(mask, 4)
    total, lost, useful = matching.matched_cycles(dataflow, rows, cols, m, kept, shadow)
    assert useful == m * mask.sum()
    assert lost >= 0
    assert useful <= total * rows * cols
    assert total <= gemm_cycles(dataflow, rows, cols, m, n, 4 * groups, shadow)[0]


def test_metadata() -> None:
    kept = np.full((6, 10), 2)
    assert matching.metadata_bits(kept, 4, True) == metadata_bits(24, 10, 2, 4, True)
    assert matching.metadata_bits(kept, 4, False) == metadata_bits(24, 10, 2, 4, False) + 60 * 3


def test_rowwise_counts_are_even_draws() -> None:
    kept = matching.rowwise_counts(1003, 200, 8, seed=1)
    assert kept.shape == (126, 200)
    assert kept[:-1].mean() == pytest.approx(2.5, abs=0.03)
    assert (kept.min(), kept.max(), kept[-1].max()) == (1, 4, 3)
