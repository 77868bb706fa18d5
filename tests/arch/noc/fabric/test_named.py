"""Networks by name: the smallest with room, and those that cannot be."""

import pytest

from bankside.arch.noc.fabric.fabric import NetworkError
from bankside.arch.noc.fabric.named import fabric_of


@pytest.mark.parametrize(
    ("topology", "nodes", "radix", "room", "routers"),
    [
        ("ring", 6, 0, 6, 6),
        ("mesh", 12, 0, 12, 12),
        ("switch", 5, 0, 5, 1),
        ("full", 5, 0, 5, 5),
        ("fat_tree", 16, 0, 16, 8),
        ("fat_tree", 17, 0, 64, 48),
        ("fat_tree", 8, 2, 8, 12),
        ("butterfly", 9, 3, 9, 6),
        ("dragonfly", 64, 0, 72, 36),
    ],
)
def test_the_smallest_with_room(topology, nodes, radix, room, routers):
    found = fabric_of(topology, nodes, radix)
    assert (found.nodes, found.routers) == (room, routers)


def test_layers():
    assert fabric_of("mesh3d", 32, layers=2).radix == 7
    with pytest.raises(NetworkError, match="30 nodes are no 4 equal layers"):
        fabric_of("mesh3d", 30, layers=4)


def test_a_bus_has_no_routers():
    with pytest.raises(NetworkError, match="A bus has no routers"):
        fabric_of("bus", 4)
