"""Where things are on the dies of a machine: interfaces, vias, banks, and tiles of cores with their SRAM and routers.

Drawn from what the machine states, as no machine states coordinates: controllers and PHYs in a strip along the left and
the right edge, the vias of a DRAM die in a strip through its middle, between them a grid of tiles, one a core, in
which the units are as large as their area. Core kinds on one die share it by their areas.
"""

import math
from collections.abc import Iterator

from bankside.arch.machine.die_spec import DieSpec
from bankside.arch.machine.machine import Machine
from bankside.arch.pe.core import core_area
from bankside.arch.technology.process import load_process
from bankside.arch.thermal.layers import Rect

INTERFACES = 0.13
"""Share of a logic die that is controllers and PHYs of memory and links: 111 of the 823 mm2 of a GA100 (LLMCompass,
annotated die photo); others are taken for alike."""
VIAS = 0.1
"""Share of a DRAM die that is the strip of its vias (assumed; HBM has them in the middle of the die)."""
DRAWN = 8
"""Tiles along a side that are drawn one by one: finer ones are below the cells on which heat is solved for."""

Plan = dict[str, tuple[Rect, ...]]
"""Rectangles by the name of a place."""


def floorplan(machine: Machine, die: DieSpec) -> Plan:
    """Places on one die of an entry of `dies`, in metres from its lower left corner."""
    width, depth = die.sides
    whole = Rect(0.0, 0.0, width, depth)
    if die.memory is not None:
        strip = VIAS * depth
        low, high = (
            Rect(0.0, 0.0, width, (depth - strip) / 2),
            Rect(0.0, (depth + strip) / 2, width, (depth - strip) / 2),
        )
        plan: Plan = {"die": (whole,), "banks": (low, high), "vias": (Rect(0.0, low.depth, width, strip),)}
        regions = [low, high]
    else:
        strip = INTERFACES / 2 * width
        regions = [Rect(strip, 0.0, width - 2 * strip, depth)]
        plan = {
            "die": (whole,),
            "io": (Rect(0.0, 0.0, strip, depth), Rect(width - strip, 0.0, strip, depth)),
        }
    return plan | _cores(machine, die, regions)


def _cores(machine: Machine, die: DieSpec, regions: list[Rect]) -> Plan:
    """Tiles of the core kinds of a die, in regions of equal width that lie one over the other."""
    process = load_process(die.process)
    kinds = []
    for core in machine.cores.values():
        if core.die == die.name:
            area = core_area(core.spec.units, process, core.spec.formats)
            number = max(1, round(core.count / (machine.copies(die) * die.count)))
            stored = area.get("sram", 0.0)
            if core.spec.sram is not None and core.spec.sram.shared:
                stored /= core.cores
            kinds.append((core, number, math.fsum(area.values()) - area.get("sram", 0.0), stored))
    occupied = math.fsum(number * (compute + stored) for _, number, compute, stored in kinds)
    plan: Plan = {}
    routers: list[Rect] = []
    for region in regions:
        low = region.y
        for core, number, compute, stored in kinds:
            share = number * (compute + stored) / occupied if occupied else 1.0 / len(kinds)
            own = Rect(region.x, low, region.width, share * region.depth)
            low += own.depth
            drawn = list(_tiles(own, number / len(regions), compute, stored))
            for name, at in ((f"{core.name}.compute", 0), (f"{core.name}.sram", 1)):
                rects = tuple(tile[at] for tile in drawn if tile[at].area_m2 > 0)
                if rects:
                    plan[name] = plan.get(name, ()) + rects
            routers += [tile[2] for tile in drawn if tile[2].area_m2 > 0]
    return plan | ({"noc": tuple(routers)} if routers else {})


def _tiles(region: Rect, number: float, compute: float, stored: float) -> Iterator[tuple[Rect, Rect, Rect]]:
    """Compute, SRAM and what is left of every tile of a region, bottom to top.

    Units that are larger than their tile fill it in proportion.
    """
    columns = (
        max(1, min(DRAWN, round(math.sqrt(number * region.width / region.depth)))) if region.depth else 1
    )
    rows = max(1, min(DRAWN, round(number / columns)))
    width, depth = region.width / columns, region.depth / rows
    if not width * depth:
        return
    drawn = number / (rows * columns)
    shares = [drawn * area / (width * depth) for area in (compute, stored)]
    scale = max(1.0, sum(shares))
    units, memory = (share / scale * depth for share in shares)
    for row in range(rows):
        for column in range(columns):
            x, y = region.x + column * width, region.y + row * depth
            rest = depth - units - memory
            yield (
                Rect(x, y, width, units),
                Rect(x, y + units, width, memory),
                Rect(x, y + units + memory, width, rest if rest > 1e-9 * depth else 0.0),
            )
