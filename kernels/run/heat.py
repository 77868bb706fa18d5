"""Power density and temperature of the machine's dies in steady state, the kernel repeated for ever.

Leakage grows with the temperature that it is part of. The stack is linear, so that both settle without solving it
again: T = T_ambient + R (P + leakage(T)), place by place, from the leakage that the process states.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.machine.die_spec import DieSpec
from bankside.arch.machine.machine import Machine
from bankside.arch.machine.once import once
from bankside.arch.machine.packages import packages_of
from bankside.arch.technology.packaging import ZERO_CELSIUS_K, load_packaging
from bankside.arch.technology.process import LeakageSpec, load_process
from bankside.arch.thermal.density import Densities, densities, density
from bankside.arch.thermal.response import Response, response_of
from bankside.kernels.run.account import Account
from bankside.kernels.run.places import EVERYWHERE, Place, PlaceHeat

Floats = npt.NDArray[np.float64]

REFRESH_DOUBLES_C = (
    85.0  # JESD79-4B table 1, JESD235D: normal operating range ends here, refresh doubles above
)
DRAM_LIMIT_C = 95.0  # end of the extended range of the same standards
FLASH_LIMIT_C = 85.0  # operating range of industrial NAND (recalled)
LOGIC_LIMIT_C = 105.0  # usual junction limit of logic dies (assumed)

DRAWN: Final = "Floorplans are drawn from areas, not stated: temperatures inside a die are of that drawing."
RUNAWAY: Final = "Leakage feeds itself: there is no steady temperature, those told are where it was given up."

SETTLED_K: Final = 1e-3
MOST_ROUNDS: Final = 50
DUTY_STEP: Final = 2.0**-12
RUNAWAY_C: Final = 1000.0
"""Above this nothing settles any more that would be a die."""


@dataclass(frozen=True)
class Heat:
    """Temperatures of a run and what they mean for it.

    Attributes
    ----------
    peak_c : {die: degC}
        Hottest place of each die.
    density : Densities
        Of core kinds and of dies.
    die_density, footprint_density : {die: W/mm2}, float
        Of each die by itself; the largest of a stack or package over the area that it stands on.
    dram_c, hottest : float
        Hottest DRAM die [degC]; the largest excess over the limit of a die [K], negative below it.
    settles : bool
        False where leakage feeds itself: there is no steady state.
    sustainable_duty : float
        Largest share of the time that the kernel may run for ever; 0 where the machine is too hot even at rest.
    leaks : {place: float}
        Leakage at the temperature of each place, as a multiple of that at its process's reference.
    answers : what the dies answer, with their powers and ambient, for maps
    """

    peak_c: dict[str, float]
    density: Densities
    die_density: dict[str, float]
    footprint_density: float
    dram_c: float
    excess_k: float
    settles: bool
    sustainable_duty: float
    leaks: dict[Place, float] = field(repr=False)
    answers: tuple[tuple[Response, Floats, float], ...] = field(repr=False)

    @property
    def feasible(self) -> bool:
        """Whether a steady state keeps every die below its limit."""
        return self.settles and self.excess_k <= 0.0

    def as_dict(self, refresh_multiplier: int) -> dict[str, object]:
        """For results."""
        return {
            "peak_c": self.peak_c,
            "density_w_per_mm2": {
                "max": self.density.max_w_per_mm2,
                "mean": self.density.mean_w_per_mm2,
                "block": self.density.block,
                "dies": self.die_density,
                "footprint": self.footprint_density,
            },
            "refresh_multiplier": refresh_multiplier,
            "feasible": self.feasible,
            "sustainable_duty": self.sustainable_duty,
            "map_c": self._maps(),
        }

    def _maps(self) -> dict[str, object]:
        """Cells of the hottest of the dies of each name, the top row first [degC], with their widths and depths."""
        found: dict[str, object] = {}
        for response, power_w, ambient_c in self.answers:
            for die, (seen, rises) in response.hottest(power_w).items():
                plane = response.towers[seen.tower]
                found[die] = {
                    "dx_mm": [round(1e3 * width, 4) for width in plane.dx.tolist()],
                    "dy_mm": [round(1e3 * depth, 4) for depth in plane.dy[::-1].tolist()],
                    "cells": np.round(ambient_c + rises[::-1], 3).tolist(),
                }
        return found


def limit_c(machine: Machine, die: str) -> float:
    """The temperature up to which a die may run [degC]."""
    spec = next(one for one in machine.spec.dies if one.name == die)
    if spec.memory is None:
        return LOGIC_LIMIT_C
    return FLASH_LIMIT_C if _is_flash(machine, spec) else DRAM_LIMIT_C


def heat(machine: Machine, books: Account, time_s: float, duty: float) -> Heat:
    """Temperatures of every package, densities of cores, dies and footprints.

    Parameters
    ----------
    books
        Energies of the whole machine, with leakage as its processes state it; equal packages share them evenly.
    time_s, duty
        Time of the kernel, and the share of all time that it runs.
    """
    warm = _warm(machine, books, time_s, duty)
    warmed = books.warmed(warm.leaks)
    blocks = {name: (one.power_w(time_s, duty), books.block_m2[name]) for name, one in warmed.blocks.items()}
    die_density = {}
    for die in machine.spec.dies:
        area, power_w = (
            die.area * die.count * machine.copies(die),
            warmed.dies[die.name].power_w(time_s, duty),
        )
        blocks[f"die {die.name}"] = power_w, area
        die_density[die.name] = density(power_w, area)
    dram = [warm.peak_c[die.name] for die in machine.spec.dies if die.memory and not _is_flash(machine, die)]
    return Heat(
        {die.name: warm.peak_c[die.name] for die in machine.spec.dies},
        densities({name: block for name, block in blocks.items() if block[1] > 0}),
        die_density,
        max((density(float(power.sum()), of.package.face_m2) for of, power, _ in warm.answers), default=0.0),
        max(dram, default=min(ambient for _, _, ambient in warm.answers)),
        warm.excess_k,
        warm.settles,
        1.0 if duty == 1.0 and warm.feasible else _sustainable(machine, books, time_s),
        warm.leaks,
        warm.answers,
    )


@dataclass(frozen=True)
class _Warm:
    """Temperatures alone, see `Heat`."""

    peak_c: dict[str, float]
    excess_k: float
    settles: bool
    leaks: dict[Place, float]
    answers: tuple[tuple[Response, Floats, float], ...]

    @property
    def feasible(self) -> bool:
        return self.settles and self.excess_k <= 0.0


class _Standing(NamedTuple):
    """A package that the machine has so many of: its answer to heat, what its places leak, and the air [degC]."""

    response: Response
    leakage: list[LeakageSpec]
    ambient_c: float
    copies: int


def _standing(machine: Machine) -> list[_Standing]:
    found = []
    for package, copies in packages_of(machine, load_packaging()):
        response = response_of(package)
        leakage = [load_process(_die_process(machine, die)).leakage for die, _ in response.places]
        found.append(_Standing(response, leakage, package.ambient_k - ZERO_CELSIUS_K, copies))
    return found


def _warm(machine: Machine, books: Account, time_s: float, duty: float) -> _Warm:
    peak_c: dict[str, float] = {}
    leaks: dict[Place, float] = {}
    answers, settles = [], True
    for response, leakage, ambient_c, copies in once(machine, "standing", lambda: _standing(machine)):
        heats = _by_place(response, books.places)
        power_w, times, settled = _settled(response, heats, leakage, (time_s * copies, duty), ambient_c)
        settles = settles and settled
        leaks |= dict(zip(response.places, map(float, times), strict=True))
        peak_c |= {die: ambient_c + rise for die, rise in response.peaks(power_w).items()}
        answers.append((response, power_w, ambient_c))
    leaks |= {place: leaks.get((place[0], EVERYWHERE), 1.0) for place in books.places if place not in leaks}
    excess_k = max(peak - limit_c(machine, die) for die, peak in peak_c.items())
    return _Warm(peak_c, excess_k, settles, leaks, tuple(answers))


def _sustainable(machine: Machine, books: Account, time_s: float) -> float:
    """The largest share of the time at which every die stays below its limit, by bisection."""
    if _warm(machine, books, time_s, 1.0).feasible:
        return 1.0
    low, high = 0.0, 1.0
    if not _warm(machine, books, time_s, low).feasible:
        return 0.0
    while high - low > DUTY_STEP:
        middle = (low + high) / 2
        low, high = (middle, high) if _warm(machine, books, time_s, middle).feasible else (low, middle)
    return low


def _is_flash(machine: Machine, die: DieSpec) -> bool:
    return die.memory is not None and machine.memories[die.memory].flash is not None


def _die_process(machine: Machine, name: str) -> str:
    return next(die.process for die in machine.spec.dies if die.name == name)


def _by_place(response: Response, places: Mapping[Place, PlaceHeat]) -> list[PlaceHeat]:
    """Heat of the places that a package has; what is in none that is drawn is everywhere on its die."""
    found = dict.fromkeys(response.places, PlaceHeat())
    for place, one in places.items():
        at = place if place in found else (place[0], EVERYWHERE)
        if at in found:
            found[at] = found[at] + one
    return list(found.values())


def _settled(
    response: Response,
    heats: list[PlaceHeat],
    leakage: list[LeakageSpec],
    over: tuple[float, float],
    ambient_c: float,
) -> tuple[Floats, Floats, bool]:
    """Powers of the places of one package [W], their leakage over that of the reference, and whether both settle."""
    whole_s, duty = over
    fixed = np.array([one.power_w(whole_s, duty, leaks=0.0) for one in heats])
    leaking = np.array([one.leakage_j / whole_s if whole_s else 0.0 for one in heats])
    times, mean_c = np.ones(len(heats)), np.full(len(heats), math.inf)
    for _ in range(MOST_ROUNDS):
        before, mean_c = mean_c, ambient_c + (fixed + leaking * times) @ response.means
        if mean_c.max() > RUNAWAY_C:
            return fixed + leaking * times, times, False
        times = np.array([one.times(float(celsius)) for one, celsius in zip(leakage, mean_c, strict=True)])
        if np.abs(mean_c - before).max() < SETTLED_K:
            return fixed + leaking * times, times, True
    return fixed + leaking * times, times, False
