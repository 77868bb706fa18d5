"""Cubes: links, distances and routes against coordinates."""

import numpy as np
import pytest
from tests.oracles.flit_topology import Cube

from bankside.arch.noc.fabric.cubes import Lines, cube
from bankside.arch.noc.fabric.fabric import CLASS_AT, COUNT_AT, LOW, NO_LINK, loads
from bankside.arch.noc.topology import GRIDS, Grid, link_loads


def every_pair(n):
    return np.repeat(np.arange(n), n), np.tile(np.arange(n), n)


@pytest.mark.parametrize(
    ("k", "n", "wrap"), [(4, 2, False), (5, 2, True), (4, 1, True), (3, 3, True), (2, 3, False)]
)
def test_links_are_those_of_the_oracle(k, n, wrap):
    fabric, oracle = cube("cube", [Lines(k, wrap, delay=2)] * n), Cube(k, n, wrap, 2)
    for router in range(fabric.routers):
        for port in range(2 * n):
            end = oracle.out(router, port)
            wanted = NO_LINK if end is None else end.at * fabric.radix + end.port
            assert fabric.to[router, port] == wanted
            assert end is None or fabric.delay[router, port] == end.delay


@pytest.mark.parametrize(
    ("lengths", "wrap"), [((4, 4), False), ((8, 4), True), ((5, 3), True), ((16,), True), ((4, 3, 2), False)]
)
def test_packets_take_the_shortest_way_in_every_dimension(lengths, wrap):
    fabric = cube("cube", [Lines(k, wrap) for k in lengths])
    source, dest = every_pair(fabric.nodes)
    links = loads(fabric, source, dest).ways[:, 0]
    expected, place = np.zeros_like(links), 1
    for k in lengths:
        away = np.abs(source // place % k - dest // place % k)
        expected += np.minimum(away, k - away) if wrap else away
        place *= k
    assert (links == expected).all()


@pytest.mark.parametrize(("rows", "cols", "wrap"), [(4, 4, False), (3, 6, True), (4, 8, True), (1, 8, True)])
def test_loads_are_those_that_the_packet_model_has_in_closed_form(rows, cols, wrap):
    assert "torus" in GRIDS
    fabric = cube("grid", [Lines(cols, wrap), Lines(rows, wrap)])
    source, dest = every_pair(rows * cols)
    found = loads(fabric, source, dest).over
    ports = found.reshape(rows, cols, fabric.radix)
    closed = link_loads(Grid(rows, cols, wrap), source, dest, 1)
    assert (ports[:, :, 0] == closed.across[0]).all()
    assert (ports[:, :, 1] == np.roll(closed.across[1], 1, axis=1)).all()
    assert (closed.down[0] == ports[:, :, 2].T).all()
    assert (np.roll(closed.down[1], 1, axis=1) == ports[:, :, 3].T).all()


def test_a_tie_is_drawn_or_goes_up():
    drawn, up = (cube("ring", [Lines(4, True)], draw_ties=ties) for ties in (True, False))
    for fabric, count in ((drawn, 2), (up, 1)):
        entry = fabric.table[fabric.row[fabric.source[0], 0], 2]
        assert entry >> COUNT_AT & LOW == count
    assert up.table[up.row[up.source[0], 0], 2] & LOW == 0
    assert up.table[up.row[up.source[0], 0], 2] >> CLASS_AT & 255 == 1


def test_a_dimension_may_have_links_of_its_own():
    fabric = cube("stack", [Lines(4), Lines(4), Lines(2, delay=1, interval=3)])
    assert set(fabric.interval[:, :4].ravel()) == {1}
    assert set(fabric.interval[:, 4:6].ravel()) == {3}
