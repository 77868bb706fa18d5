"""Networks of routers as YAML describes them, and those that cannot be, in sentences."""

from typing import Any, get_args

import pytest

from bankside.arch.machine import network_spec
from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.noc import topology
from bankside.arch.noc.packet import cost, described, held_fs, link_count, schedule
from bankside.arch.spec import ConfigError, from_dict

NS = 10**6  # fs
LINK = {"width": "256 bit", "clock": "1 GHz", "hop": 5}


def test_yaml_has_every_topology() -> None:
    assert set(get_args(network_spec.Topology)) == set(get_args(topology.Topology))


def network(**cells: Any) -> NetworkSpec:
    return from_dict({"link": LINK, "multicast": False} | cells, NetworkSpec).spec


def test_a_router_times_messages_flit_by_flit() -> None:
    found = described(network(topology="torus", router={"vcs": 4, "packet": 16}), 16)
    assert found.flits is not None
    assert (found.flits.flit_byte, found.flits.packet_flits, found.flits.hop_cycles) == (32, 16, 5)
    assert found.flits.cycle_fs == NS
    by_loads = network(topology="torus")
    contested = cost(network(topology="torus", router={}), "all_to_all", 16, 4096)
    assert contested.total_fs > cost(by_loads, "all_to_all", 16, 4096).total_fs
    assert contested.byte_hops == cost(by_loads, "all_to_all", 16, 4096).byte_hops


def test_edges_in_hops_and_times_of_the_usual_link() -> None:
    slow = {"width": "64 bit", "clock": "1 GHz", "hop": 10}
    chain = network(topology="custom", edges=[{"a": 0, "b": 1}, {"a": 1, "b": 2, "link": slow}])
    found = cost(chain, "point_to_point", 3, 320)
    assert (found.serial_fs, found.contention_fs, found.hop_fs) == (10 * NS, 30 * NS, 15 * NS)
    assert link_count(chain, 3) == 4


@pytest.mark.parametrize(
    ("name", "nodes", "links"), [("mesh", 16, 48), ("fat_tree", 16, 48), ("mesh3d", 8, 20)]
)
def test_links_are_counted(name: str, nodes: int, links: int) -> None:
    assert link_count(network(topology=name), nodes) == links


@pytest.mark.parametrize(
    ("cells", "nodes", "sentence"),
    [
        ({"topology": "custom", "edges": [{"a": 0, "b": 1}]}, 3, "2 cannot be reached from node 0"),
        ({"topology": "full", "radix": 11}, 640, "A node with 11 links cannot be joined to 639 others"),
        (
            {"topology": "mesh", "router": {}, "link": LINK | {"hop": 2}},
            4,
            "A hop of 2 cycles is shorter than the 3",
        ),
        ({"topology": "torus", "router": {"vcs": 1}}, 16, "packets can wait for each other for ever"),
        ({"topology": "mesh3d", "layers": 3}, 16, "16 nodes are no 3 equal layers"),
        (
            {"topology": "custom", "edges": [{"a": 0, "b": 1, "link": LINK | {"width": "100 bit"}}]},
            2,
            "the rate must be a whole part of",
        ),
    ],
)
def test_networks_that_cannot_join_their_nodes_are_refused(
    cells: dict[str, Any], nodes: int, sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        described(network(**cells), nodes)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"topology": "bus", "router": {}}, "Routers copy nothing and a bus has none"),
        ({"topology": "mesh", "router": {}, "multicast": True}, "Routers copy nothing and a bus has none"),
        (
            {"topology": "mesh", "router": {}, "link": {"bandwidth": "1 GB/s"}},
            "Routers need links with a clock",
        ),
        (
            {"topology": "mesh", "radix": 4},
            "radix belongs to the topology full or fat_tree or butterfly, not to mesh",
        ),
        ({"topology": "mesh", "edges": [{"a": 0, "b": 1}]}, "edges belongs to the topology custom"),
        ({"topology": "torus", "layers": 2}, "layers belongs to the topology mesh3d"),
        ({"topology": "custom"}, "A custom network needs its edges"),
        ({"topology": "mesh", "link": LINK | {"width": "0 bit"}}, "width"),
    ],
)
def test_keys_that_do_not_belong_are_refused(cells: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        network(**cells)


def test_links_are_held_by_what_passes_them() -> None:
    network = from_dict({"topology": "ring", "link": {"bandwidth": "1 GB/s"}}, NetworkSpec).spec
    held = held_fs(network, schedule(network, "all_gather", 4, 100), 4)
    assert held.sum() > 0 and len(held) == 16
    shares = from_dict(
        {
            "topology": "switch",
            "link": {"bandwidth": "1 GB/s", "protocols": [{"name": "p", "software": "s", "share": 0.5}]},
        },
        NetworkSpec,
    ).spec
    assert held_fs(shares, schedule(shares, "gather", 4, 100), 4).max() == 3 * 200 * 10**6
