"""Link loads and hops against messages walked link by link, and against closed forms of the field."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.arch.noc.walk import loads, shape_of, walk

from bankside.arch.noc.topology import (
    Grid,
    Topology,
    all_to_all_loads,
    diameter,
    grid,
    hops,
    link_count,
    link_loads,
    snake,
    tree_depth,
)

shapes = st.builds(Grid, st.integers(1, 6), st.integers(1, 6), st.booleans())


def as_arrays(shape: Grid, carried: dict) -> tuple[np.ndarray, np.ndarray]:
    across = np.zeros((2, shape.rows, shape.cols), dtype=np.int64)
    down = np.zeros((2, shape.cols, shape.rows), dtype=np.int64)
    for ((r, c), (to_r, to_c), way), size in carried.items():
        if r == to_r and c != to_c:
            across[(0, r, c) if way == 1 else (1, r, to_c)] += size
        else:
            down[(0, c, r) if way == 1 else (1, c, to_r)] += size
    return across, down


@given(shapes, st.data())
def test_loads_equal_a_link_by_link_walk(shape: Grid, data: st.DataObject) -> None:
    node = st.integers(0, shape.rows * shape.cols - 1)
    flows = data.draw(st.lists(st.tuples(node, node, st.integers(0, 1000)), min_size=1, max_size=30))
    source, target, size = (np.array(x, dtype=np.int64) for x in zip(*flows, strict=True))
    got = link_loads(shape, source, target, size)
    across, down = as_arrays(shape, loads(shape.rows, shape.cols, shape.wrap, flows))
    np.testing.assert_array_equal(got.across, across)
    np.testing.assert_array_equal(got.down, down)
    assert got.total_byte == int((hops(shape, source, target) * size).sum())


def pairs(shape: Grid) -> tuple[np.ndarray, np.ndarray]:
    n = shape.rows * shape.cols
    source, target = np.divmod(np.arange(n * n), n)
    return source, target


@given(shapes)
def test_n4_hops_are_the_shortest_distance(shape: Grid) -> None:
    source, target = pairs(shape)
    got = hops(shape, source, target)
    ends = zip(source.tolist(), target.tolist(), strict=True)
    walked = [len(walk(shape.rows, shape.cols, shape.wrap, s, t)) for s, t in ends]
    assert got.tolist() == walked
    assert diameter(shape) == max(walked)
    n = shape.rows * shape.cols
    for root in {0, n // 2, n - 1}:
        assert tree_depth(shape, root) == int(got[source == root].max())


@given(shapes, st.integers(1, 9))
def test_all_to_all_closed_form_equals_the_sum_over_pairs(shape: Grid, size: int) -> None:
    source, target = pairs(shape)
    got, want = all_to_all_loads(shape, size), link_loads(shape, source, target, size)
    np.testing.assert_array_equal(got.across, want.across)
    np.testing.assert_array_equal(got.down, want.down)


@pytest.mark.parametrize("k", [2, 3, 4, 8, 9])
def test_mean_hops_of_mesh_and_torus(k: int) -> None:
    source, target = pairs(Grid(k, k, wrap=False))
    mesh = hops(Grid(k, k, wrap=False), source, target).mean()
    assert mesh == pytest.approx(2 * (k * k - 1) / (3 * k), rel=1e-12)
    if k % 2 == 0:
        assert hops(Grid(k, k, wrap=True), source, target).mean() == pytest.approx(k / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("topology", "nodes", "shape"), [("ring", 12, (1, 12)), ("mesh", 64, (8, 8)), ("mesh", 32, (4, 8)),
    ("torus", 12, (3, 4)), ("mesh", 7, (1, 7)),
     ("mesh", 1, (1, 1)), ("torus", 8192, (64, 128))],
)  # fmt: skip
def test_shape_is_as_square_as_possible(topology: str, nodes: int, shape: tuple[int, int]) -> None:
    got = grid(topology, nodes)
    assert (got.rows, got.cols) == shape == shape_of(topology, nodes)
    assert got.wrap == (topology != "mesh")


@given(shapes)
def test_snake_visits_every_node_over_single_links(shape: Grid) -> None:
    order = snake(shape)
    assert sorted(order.tolist()) == list(range(shape.rows * shape.cols))
    assert (hops(shape, order[:-1], order[1:]) == 1).all()


@pytest.mark.parametrize(
    ("topology", "nodes", "links"),
    [
        ("bus", 5, 1),
        ("switch", 4, 8),
        ("crossbar", 1, 2),
        ("full", 4, 12),
        ("full", 1, 1),
        ("ring", 5, 10),
        ("ring", 1, 1),
        ("mesh", 12, 34),
        ("mesh", 7, 12),
        ("mesh", 1, 1),
        ("torus", 12, 48),
    ],
)
def test_links_of_a_network(topology: Topology, nodes: int, links: int) -> None:
    assert link_count(topology, nodes) == links


@given(st.integers(2, 30))
def test_every_link_of_a_mesh_carries_something_of_an_all_to_all(nodes: int) -> None:
    load = all_to_all_loads(grid("mesh", nodes), 1)
    used = np.count_nonzero(load.across) + np.count_nonzero(load.down)
    assert link_count("mesh", nodes) == used
