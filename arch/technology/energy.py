"""Energy of a run: integer event counts times a table, plus leakage times time, in named parts.

    E[part] = sum over events of count[event] * table[part, event]   (+ power * time for the parts that stand)
    total   = math.fsum of the parts

Nothing here runs inside a kernel: kernels count, this module multiplies.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bankside.arch import events as ev

PARTS: Final = (
    "activation",
    "array_to_bank",
    "bank_to_tsv",
    "bank_to_pads",
    "tsv",
    "phy",
    "interface",
    "link",
    "transport",
    "sram",
    "registers",
    "control",
    "mac",
    "nonlinear",
    "noc",
    "refresh",
    "static",
    "clock",
    "board",
)
"""Closed list of energy parts. Elementwise vector arithmetic is in `mac`; a hybrid bond is a `tsv`. `phy` is the
memory's side of the way off its stack, `interface` the controller and PHY of the die that it reaches; `transport` the
wires of a die between its edge and its cores, `noc` hops between cores."""

STANDING: Final = ("static", "clock", "board")
"""Parts without an event: powers that flow whether or not anything happens, and what a board loses of all of it."""

UNASKED: Final = (*STANDING, "refresh")
"""Parts that flow whether or not there is work: what stands, and refreshes, which are counted as they come."""

LEVEL_EVENT: Final[Mapping[str, int]] = {
    "bank": ev.BYTES_BANK,
    "bank_pair": ev.BYTES_BANK,
    "bank_group": ev.BYTES_BANK_GROUP,
    "vault": ev.BYTES_VAULT,
    "base": ev.BYTES_BASE,
    "board": ev.BYTES_BOARD,
    "host": ev.BYTES_HOST,
}
"""The event that counts the bytes brought up to a path level from the level below."""

BITS_PER_BYTE: Final = 8

TABLES: Final = 1024
"""Tables that are kept: those of a machine's levels and memories at some clocks of its logic."""


class Cost(NamedTuple):
    """Energy of one count of one event in one part [J]."""

    event: int
    part: str
    count_j: float


@dataclass(frozen=True)
class EnergyTable:
    """Energy per count of every event, split into parts.

    Attributes
    ----------
    count_j : float64[N_PART, N_EVENT] [J]
        One event may feed several parts: a byte up to the vault pays on-die wires and the TSV.
    """

    count_j: NDArray[np.float64]

    @cached_property
    def spending(self) -> dict[str, list[tuple[int, float]]]:
        """Of each part the events that cost it something, and what [J]."""
        rows = zip(PARTS, self.count_j.tolist(), strict=True)
        return {part: [(event, joule) for event, joule in enumerate(row) if joule] for part, row in rows}


def energy_table(costs: Iterable[Cost]) -> EnergyTable:
    """Table of the given costs; costs of the same event and part add up, an event without cost is free.

    Raises
    ------
    ValueError
        A part outside the closed list, an event index outside the vocabulary, a negative or infinite energy,
        or a cost given for a part that stands, which is power times time and has no event.
    """
    return _table(tuple(costs))


@lru_cache(maxsize=TABLES)
def _table(costs: tuple[Cost, ...]) -> EnergyTable:
    count_j = np.zeros((len(PARTS), ev.N_EVENT))
    for event, part, cost_j in costs:
        if part not in PARTS or part in STANDING:
            known = ", ".join(each for each in PARTS if each not in STANDING)
            raise ValueError(f"{part!r} is no energy part of an event; parts are {known}.")
        if not 0 <= event < ev.N_EVENT:
            raise ValueError(f"Event index {event} is outside 0..{ev.N_EVENT - 1}.")
        if not (math.isfinite(cost_j) and cost_j >= 0.0):
            raise ValueError(
                f"Energy of event {ev.EVENTS[event].name} is {cost_j} J; it must be finite and >= 0."
            )
        count_j[PARTS.index(part), event] += cost_j
    count_j.setflags(write=False)
    return EnergyTable(count_j)


def path_costs(path: Mapping[str, Mapping[str, float]], edge: str = "host") -> list[Cost]:
    """Costs of moving bytes along a memory's path.

    Parameters
    ----------
    path : {level: {part: energy [J/bit]}}
        Energy that brings one bit up to that level from the one below, cells outward.
    edge
        The level that a bit reaches first when it leaves the stack: what a device states of the `host` is paid there.

    Raises
    ------
    ValueError
        A level outside the closed vocabulary of path levels.
    """
    costs = []
    for level, parts in path.items():
        if level not in LEVEL_EVENT:
            raise ValueError(f"{level!r} is no path level; levels are {', '.join(LEVEL_EVENT)}.")
        event = LEVEL_EVENT[edge if level == "host" else level]
        costs += [Cost(event, part, bit_j * BITS_PER_BYTE) for part, bit_j in parts.items()]
    return costs


def energy_parts(
    events: NDArray[np.int64], table: EnergyTable, leakage_w: float = 0.0, time_s: float = 0.0
) -> dict[str, float]:
    """Energy of the counted events in every part of the closed list [J]; 0.0 where nothing happened.

    Parameters
    ----------
    events : int64[N_EVENT]
        Counts in the units of `arch.events.EVENTS`.
    leakage_w, time_s : float
        Power that flows whether or not anything happens, and for how long: their product is `static`.
    """
    counts = events.tolist()
    if len(counts) != ev.N_EVENT or min(counts) < 0:
        raise ValueError(f"Event counts must be {ev.N_EVENT} integers >= 0, not {counts}.")
    parts = {
        part: math.fsum([counts[event] * joule for event, joule in costs]) if costs else 0.0
        for part, costs in table.spending.items()
    }
    parts["static"] = leakage_w * time_s
    return parts
