"""Networks as YAML describes them: width x clock or bandwidth, latency, hop cycles."""

from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.noc.packet import NetCost, cost
from bankside.arch.spec import from_dict

NS = 10**6  # fs


def described(topology: str, **link: object) -> NetworkSpec:
    return from_dict({"topology": topology, "link": link}, NetworkSpec).spec


def test_mesh_of_width_clock_and_hop_cycles() -> None:
    mesh = described("mesh", width="256 bit", clock="1 GHz", hop=4)
    assert cost(mesh, "broadcast", 16, 320) == NetCost(10 * NS, 6 * 4 * NS, 0, 15 * 320, 320)


def test_host_bus_of_bandwidth_and_latency() -> None:
    bus = described("bus", bandwidth="64 GB/s", latency="500 ns")
    assert cost(bus, "point_to_point", 2, 64e3) == NetCost(1000 * NS, 500 * NS, 0, 64000, 64000)


def test_a_fraction_of_a_byte_takes_a_whole_one() -> None:
    bus = described("bus", bandwidth="1 GB/s")
    assert cost(bus, "broadcast", 2, 2.25) == cost(bus, "broadcast", 2, 3)
