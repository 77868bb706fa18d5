"""Costs of units: each event of a unit has one part, and the numbers are the process's."""

from dataclasses import dataclass, field

import pytest

from bankside.arch import events
from bankside.arch.technology.costs import link_costs, memory_costs, noc_costs
from bankside.arch.technology.energy import PARTS, energy_table
from bankside.arch.technology.process import load_process


@dataclass
class Energy:
    activate: float = 909e-12
    refresh: float = 60e-9
    path: dict[str, dict[str, float]] = field(default_factory=lambda: {"bank": {"array_to_bank": 0.44e-12}})


def joule(costs: list, event: int, part: str) -> float:
    return float(energy_table(costs).count_j[PARTS.index(part), event])


def test_network_hop_is_router_and_wire() -> None:
    assert joule(noc_costs(load_process("n7")), events.NOC_BYTE_HOP, "noc") == pytest.approx(
        8 * (0.15 + 0.1) * 1e-12
    )


def test_link_per_byte() -> None:
    assert joule(link_costs(1.3e-12), events.LINK_BYTE, "link") == pytest.approx(
        10.4e-12
    )  # AttAcc: 10.4 pJ/byte


def test_memory() -> None:
    costs = memory_costs(Energy(), banks=16)
    assert joule(costs, events.ACTIVATE, "activation") == 909e-12
    assert 16 * joule(costs, events.REFRESH_BANK, "refresh") == pytest.approx(60e-9)
    assert joule(costs, events.BYTES_BANK, "array_to_bank") == pytest.approx(3.52e-12)


def test_e4_no_event_is_priced_by_two_units() -> None:
    owners = [
        {c.event for c in noc_costs(load_process("n7"))},
        {c.event for c in link_costs(1e-12)},
        {c.event for c in memory_costs(Energy(), 16)},
    ]
    assert sum(len(o) for o in owners) == len(set().union(*owners))
