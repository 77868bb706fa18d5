"""Links across the middle and in all, against counting them."""

import numpy as np
import pytest

from bankside.arch.noc.equal import measured
from bankside.arch.noc.fabric.fabric import NO_LINK, NetworkError
from bankside.arch.noc.fabric.named import fabric_of


@pytest.mark.parametrize(
    ("topology", "nodes", "across", "in_all"),
    [
        ("ring", 8, 2, 16), ("mesh", 64, 8, 224), ("torus", 64, 16, 256), ("switch", 8, 4, 16), ("full", 8, 16, 56),
        ("fat_tree", 64, 32, 384), ("dragonfly", 64, 16, 36 * 5 + 128), ("bus", 9, 1, 1), ("torus", 2, 2, 4),
    ],
)  # fmt: skip
def test_links(topology, nodes, across, in_all):
    assert measured("bisection", topology, nodes) == across
    assert measured("links", topology, nodes) == in_all


@pytest.mark.parametrize(("topology", "nodes"), [("mesh", 16), ("torus", 36), ("ring", 10), ("torus", 32)])
def test_halves_of_a_grid_are_joined_by_so_many(topology, nodes):
    fabric = fabric_of(topology, nodes)
    columns = {16: 4, 36: 6, 10: 10, 32: 8}[nodes]
    low = np.arange(fabric.routers) % columns < columns // 2
    ends = np.where(fabric.to != NO_LINK, fabric.to // fabric.radix, 0)
    crossing = (fabric.to != NO_LINK) & low[:, None] & ~low[ends]
    assert crossing.sum() == measured("bisection", topology, nodes)


def test_links_that_are_not_alike_are_not_compared():
    with pytest.raises(NetworkError, match="The links of a custom are not all alike"):
        measured("links", "custom", 4)
