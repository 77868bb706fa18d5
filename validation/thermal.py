"""Our values for claims on heat: each function gives one number in the unit that its docstring names."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from bankside.arch.technology.energy import PARTS
from bankside.arch.thermal.layers import Block, Cooling, Layer, Material, Patch, Rect, Stack
from bankside.arch.thermal.slices import Cut
from bankside.arch.thermal.solve import steady
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.account import Account, Spent
from bankside.kernels.run.heat import heat
from bankside.kernels.run.places import EVERYWHERE, PlaceHeat
from bankside.unit import thermal
from bankside.validation.bench import load_machine, simulate

FOLDER: Final = Path(__file__).parent
CASES: Final = FOLDER / "hotspot" / "cases.json"
ZERO_CELSIUS_K: Final = 273.15


@cache
def _run(compat: str, grid: int) -> dict[str, Any]:
    given = {"compat": compat} | ({"grid": str(grid)} if grid else {})
    found: dict[str, Any] = thermal.run_file(CASES, given)["cases"]
    return found


def _layer(case: str, layer: str, figure: str, compat: str, grid: int = 0) -> float:
    rows = _run(compat, grid)[case]["model"]["layers"]
    return float(next(row for row in rows if row["layer"] == layer)[figure])


def layer_k(case: str, layer: str, figure: str) -> float:
    """A figure of a layer with HotSpot's conventions [K]."""
    return _layer(case, layer, figure, "hotspot")


def after_k(case: str) -> float:
    """Mean temperature of a case's block after the step that it asks for, with HotSpot's conventions [K]."""
    return float(_run("hotspot", 0)[case]["model"]["transient"]["T_K"][0][0])


def rise_k(case: str, layer: str, figure: str, grid: int = 0) -> float:
    """A figure of a layer over the ambient [K]."""
    ambient_k = float(_run("physical", grid)[case]["package"]["ambient"])
    return _layer(case, layer, figure, "physical", grid) - ambient_k


def layer_c(case: str, layer: str, figure: str) -> float:
    """A figure of a layer [degC]."""
    return _layer(case, layer, figure, "physical") - ZERO_CELSIUS_K


def machine_c(file: str, die: str, **watts: float) -> float:
    """Hottest place of a die of a machine whose dies release so many watts in all, evenly, as a run finds it [degC]."""
    machine = load_machine(str(FOLDER / file))
    places = {(name, EVERYWHERE): PlaceHeat(power) for name, power in watts.items()}
    nothing = {name: Spent(0.0, 0.0) for name in (*watts, *machine.cores)}
    parts = dict.fromkeys(PARTS, 0.0)
    books = Account(parts, nothing, places, {}, {}, {}, 1.0, ())
    return heat(machine, books, 1.0, 1.0).peak_c[die]


def hottest_c(machine: str, die: str, kernel: str, setting: str = "", **options: Any) -> float:
    """Hottest place of a die of a machine that repeats a kernel for ever [degC]."""
    done = simulate(build(kernel, **options), load_machine(machine, [setting] if setting else []))
    return float(done.document["thermal"]["peak_c"][die])


def gpu_c(stacked: bool) -> float:
    """Hottest place of a GPU of 414 W, under four HBM stacks or beside them [degC]; assumptions in imec_2025."""
    side, stack, count, film = 25e-3, 11e-3, 12, Cooling(2e4, 298.15)
    gap = (side - 2 * stack) / 3
    places = [Rect(x, y, stack, stack) for x in (gap, 2 * gap + stack) for y in (gap, 2 * gap + stack)]

    def solid(conductivity: float) -> Material:
        return Material.even(conductivity, 0.0)

    def among(name: str, height: float, conductivity: float, power: float = 0.0) -> Layer:
        blocks = tuple(Block(name, at, power / len(places)) for at in places if power)
        patches = tuple(Patch(at, solid(conductivity)) for at in places)
        return Layer(name, height, solid(0.9), blocks, patches)

    gpu = Block("gpu", Rect(0.0, 0.0, side, side), 414.0)
    layers = [Layer("wiring", 5e-6, solid(4.0)), Layer("gpu", 775e-6, solid(120.0), (gpu,))]
    if stacked:
        layers += [
            among("bumps", 30e-6, 2.0),
            among("base wiring", 5e-6, 4.0),
            among("base", 60e-6, 120.0, 24.0),
        ]
        for die in range(count):
            layers += [among("bond", 2e-6, 1.8), among("wiring", 3e-6, 3.0)]
            layers.append(among("dram", 40e-6 if die < count - 1 else 100e-6, 120.0, 36.0 / count))
    layers += [Layer("interface", 50e-6, solid(4.0)), Layer("lid", 1e-3, solid(400.0))]
    found = steady(Stack(side, side, tuple(layers), film), _columns(side, gap, stack), Cut(100e-6))
    return float(found.bottom(1).max()) - ZERO_CELSIUS_K


def _columns(side: float, gap: float, stack: float) -> Any:
    """Columns whose edges are those of the stacks."""
    parts = ((gap, 2), (stack, 6), (gap, 2), (stack, 6), (gap, 2))
    widths = np.concatenate([np.full(count, length / count) for length, count in parts])
    assert abs(widths.sum() - side) < 1e-9
    return widths, widths
