"""Splits cover the work exactly once, differ by at most one, and classes are what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.kernels.plan.split import Split, classes

sizes = st.integers(1, 200)


@given(sizes, sizes, st.integers(1, 64))
def test_t1_every_piece_is_dealt_exactly_once(items: int, inner: int, nodes: int) -> None:
    split = Split(items, inner, nodes)
    shares = [split.share(i) for i in range(nodes)]
    assert sum(s.items * s.inner for s in shares) == items * inner
    assert sum(s.items > 0 for s in shares) == split.active
    busy = [s.items * s.inner for s in shares if s.items]
    grain = inner if items >= nodes else 1
    assert max(busy) - min(busy) <= grain


@given(sizes, sizes, st.integers(1, 64))
def test_even_parts_cover_the_work_and_leave_no_node_much_longer(items: int, inner: int, nodes: int) -> None:
    split = Split(items, inner, nodes, evenly=True)
    shares = [split.shares(node) for node in range(nodes)]
    work = [sum(share.items * share.inner for share in each) for each in shares]
    assert sum(work) == items * inner
    assert sum(bool(each) for each in shares) == split.active
    assert max(work) <= max(sum(share.items * share.inner for share in each) for each in shares[:1])
    plain = Split(items, inner, nodes)
    longest = max(share.items * share.inner for share in map(plain.share, range(nodes)))
    assert max(work) <= longest + -(-items // nodes) * split.parts
    for first, end in classes(nodes, [split], fold=True):
        assert all(split.shares(node) == split.shares(first) for node in range(first, end))


@pytest.mark.parametrize(
    ("items", "nodes", "parts"), [(24, 32, 4), (24, 16, 2), (8, 32, 4), (32, 16, 1), (17, 16, 1)]
)
def test_heads_are_cut_where_that_keeps_more_nodes_at_work(items: int, nodes: int, parts: int) -> None:
    found = Split(items, 8192, nodes, evenly=True).parts
    assert found == parts or (items == 17 and -(-items * found // nodes) / found < 1.2)


@given(st.lists(st.tuples(sizes, sizes), min_size=1, max_size=4), st.integers(1, 64))
def test_nodes_of_a_class_have_equal_shares_in_every_split(shapes: list[tuple[int, int]], nodes: int) -> None:
    splits = [Split(items, inner, nodes) for items, inner in shapes]
    ranges = classes(nodes, splits, fold=True)
    assert [i for first, end in ranges for i in range(first, end)] == list(range(nodes))
    for first, end in ranges:
        for split in splits:
            kinds = {(split.share(i).items, split.share(i).inner) for i in range(first, end)}
            assert len(kinds) == 1


def test_unfolded_classes_are_single_nodes() -> None:
    assert classes(3, [Split(1, 10, 3)], fold=False) == [(0, 1), (1, 2), (2, 3)]


def test_equal_work_is_one_class() -> None:
    assert classes(16, [Split(1, 4096, 16), Split(32, 8192, 16)], fold=True) == [(0, 16)]
