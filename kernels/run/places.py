"""Where on the dies the energy of a run becomes heat."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bankside.arch.technology.energy import UNASKED

OF_PARTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("mac", "registers", "control", "nonlinear"), "compute"),
    **dict.fromkeys(("activation", "array_to_bank", "refresh"), "banks"),
    **dict.fromkeys(("bank_to_tsv", "tsv"), "vias"),
    **dict.fromkeys(("phy", "interface", "link", "bank_to_pads"), "io"),
    "sram": "sram",
    "noc": "noc",
}
"""Place of the heat of a part of the energy; of what is not named here it is everywhere on its die."""
EVERYWHERE: Final = "die"
OF_CORES: Final = ("compute", "sram")
"""Places that each core kind has for itself, named CORE.compute and CORE.sram."""

Place = tuple[str, str]
"""A die and the name of a place on it."""


@dataclass(frozen=True)
class PlaceHeat:
    """Energy that becomes heat in one place [J]: spent by events; standing; leakage at its process's reference."""

    spent_j: float = 0.0
    standing_j: float = 0.0
    leakage_j: float = 0.0

    def __add__(self, other: "PlaceHeat") -> "PlaceHeat":
        return PlaceHeat(
            self.spent_j + other.spent_j,
            self.standing_j + other.standing_j,
            self.leakage_j + other.leakage_j,
        )

    def power_w(self, time_s: float, duty: float, leaks: float = 1.0) -> float:
        """Mean power when it runs for a share of all time, leaking so many times the reference [W]."""
        return (duty * self.spent_j + self.standing_j + leaks * self.leakage_j) / time_s if time_s else 0.0


class Places:
    """Sums of heat by place."""

    def __init__(self) -> None:
        self._parts: dict[Place, list[PlaceHeat]] = {}

    def add(self, die: str, parts: Mapping[str, float], core: str | None = None) -> None:
        """Energy by part, of a core kind or of the die itself; of leakage tells `leak`."""
        for part, joule in parts.items():
            if joule:
                name = OF_PARTS.get(part, EVERYWHERE)
                if core is not None:
                    name = f"{core}.{name if name in OF_CORES else OF_CORES[0]}"
                elif name in OF_CORES:
                    name = EVERYWHERE
                standing = part in UNASKED
                self._put((die, name), PlaceHeat(0.0, joule, 0.0) if standing else PlaceHeat(joule))

    def leak(self, die: str, name: str, joule: float) -> None:
        """Leakage of one place at the reference of its process."""
        self._put((die, name), PlaceHeat(leakage_j=joule))

    def _put(self, place: Place, heat: PlaceHeat) -> None:
        self._parts.setdefault(place, []).append(heat)

    def sums(self) -> dict[Place, PlaceHeat]:
        """All places with their heat, in the order in which they came up."""
        return {
            place: PlaceHeat(
                math.fsum(one.spent_j for one in heats),
                math.fsum(one.standing_j for one in heats),
                math.fsum(one.leakage_j for one in heats),
            )
            for place, heats in self._parts.items()
        }


def leaked(places: Mapping[Place, PlaceHeat], leaks: Mapping[Place, float]) -> dict[Place, PlaceHeat]:
    """The places with leakage at their own temperatures, so many times that of the reference."""
    return {
        place: replace(heat, leakage_j=leaks.get(place, 1.0) * heat.leakage_j)
        for place, heat in places.items()
    }
