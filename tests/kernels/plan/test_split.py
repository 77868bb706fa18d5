"""Splits cover the work exactly once, differ by at most one, and classes are what they say."""

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
