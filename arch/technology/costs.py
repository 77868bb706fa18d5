"""Energy of the events of memories, networks and links, as rows for `arch.technology.energy.energy_table`."""

from collections.abc import Mapping
from typing import Protocol

from bankside.arch import events as ev
from bankside.arch.technology.energy import BITS_PER_BYTE, LEVEL_EVENT, Cost, path_costs
from bankside.arch.technology.process import ProcessSpec


class FlashEnergyLike(Protocol):
    """Energy block of a flash device file: J for each page read and programmed, J/bit by level and part."""

    @property
    def read(self) -> float: ...
    @property
    def program(self) -> float: ...
    @property
    def path(self) -> Mapping[str, Mapping[str, float]]: ...


class DeviceEnergyLike(Protocol):
    """Energy block of a device file: J for each activation and refresh, J/bit by level and part."""

    @property
    def activate(self) -> float: ...
    @property
    def refresh(self) -> float: ...
    @property
    def path(self) -> Mapping[str, Mapping[str, float]]: ...


def noc_costs(process: ProcessSpec) -> list[Cost]:
    """What an on-die network's byte-hops cost in the process of its die."""
    return [Cost(ev.NOC_BYTE_HOP, "noc", process.noc_j_per_byte_hop)]


def link_costs(bit_j: float) -> list[Cost]:
    """What a byte over an off-die link costs, from its energy per bit [J/bit]."""
    return [Cost(ev.LINK_BYTE, "link", bit_j * BITS_PER_BYTE)]


def delivery_costs(cluster_j: float, core_j: float, buffer_j: float) -> list[Cost]:
    """What a byte costs that cores of a die share [J/byte]: a read of the buffer where it is and the wires to a cluster
    once for all cores of that, the wires within it for each."""
    return [
        Cost(ev.SERVED_BYTE, "transport", cluster_j),
        Cost(ev.SERVED_BYTE, "sram", buffer_j),
        Cost(ev.DELIVERED_BYTE, "transport", core_j),
    ]


def arrival_costs(level: str, interface_j: float, transport_j: float, buffers_j: float) -> list[Cost]:
    """What a byte costs on the die of a level, on its way from the memory to the cores of that level [J/byte]."""
    event = LEVEL_EVENT[level]
    return [
        Cost(event, "interface", interface_j),
        Cost(event, "transport", transport_j),
        Cost(event, "sram", buffers_j),
    ]


def memory_costs(energy: DeviceEnergyLike, banks: int, edge: str = "host") -> list[Cost]:
    """What a DRAM channel's activations, refreshes and bytes along the path cost.

    Parameters
    ----------
    energy : the `energy` block of a device
    banks : int
        Banks that one all-bank refresh covers; a refresh of one bank costs its share.
    edge : str
        The level that a bit reaches first when it leaves the stack.
    """
    return [
        Cost(ev.ACTIVATE, "activation", energy.activate),
        Cost(ev.REFRESH, "refresh", energy.refresh),
        Cost(ev.REFRESH_BANK, "refresh", energy.refresh / banks),
        *path_costs(energy.path, edge),
    ]


def flash_costs(energy: FlashEnergyLike, edge: str = "host") -> list[Cost]:
    """What a flash channel's pages and bytes along the path cost; working on a page is activation."""
    return [
        Cost(ev.PAGE_READ, "activation", energy.read),
        Cost(ev.PAGE_PROGRAM, "activation", energy.program),
        *path_costs(energy.path, edge),
    ]
