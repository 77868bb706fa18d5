"""Speed of the thermal solver, warm, on one core: an HBM stack of eight dies in HotSpot's standard package.

Budget: layers that are uniform over the plane, 29,696 cells in 5 ms, 118,784 in 15 ms, whole (cut, factored, solved);
layers that are not, 150 and 400 ms; a step of a transient 5 ms; under 300 MB. HotSpot 7.0 takes 4.4 s and 414 MB for
the first, 3D-ICE 4.0 3.1 s and 276 MB for 38,912 cells (research). Run `python benchmarks/thermal.py`.
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from bankside.arch.thermal.layers import Block, Cooling, Layer, Material, Overhang, Patch, Rect, Stack
from bankside.arch.thermal.slices import BOTTOM, Cut, even_columns, power_of
from bankside.arch.thermal.solve import Probe, Solver, steady, transient

SIDE, SINK = 0.01, 0.06
LAYERS_AS_NODES = Cut(1.0, 0.0, BOTTOM)
ROUNDS, STEPS = 7, 50
SILICON, WIRING = Material.even(120.0, 1.75e6), Material.even(4.0, 2.2e6)
BUMPS, COPPER = Material.even(2.0, 2.2e6), Material.even(400.0, 3.55e6)
VIAS = Patch(Rect(0.4 * SIDE, 0.0, 0.2 * SIDE, SIDE), BUMPS.pierced(COPPER, 0.1))


def hbm(vias: tuple[Patch, ...] = ()) -> Stack:
    """Logic of 10 W under eight DRAM dies of 0.5 W, a spreader of 30 mm and a sink of 60 mm."""
    layers = []
    for die, power in enumerate([10.0] + [0.5] * 8):
        at = Rect(0.0, 0.0, SIDE, SIDE)
        layers += [Layer("bond", 30e-6, BUMPS, (), vias)] * (die > 0)
        layers += [Layer("wiring", 5e-6, WIRING), Layer("die", 5e-5, SILICON, (Block("all", at, power),))]
    package = [Layer("TIM", 5e-5, Material.even(4.0, 4e6)), Layer("SPREADER", 1e-3, COPPER)]
    cooling = Cooling(1 / (0.1 * SINK**2), 318.15, 140.4 / SINK**2)
    return Stack(
        SIDE, SIDE, (*layers, *package, Layer("SINK", 6.9e-3, COPPER)), cooling, None, Overhang(0.03, SINK)
    )


def best_ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Least processor time of several rounds [ms]."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return 1e3 * min(times)


def main() -> None:
    """Print a table."""
    sys.stdout.write(f"{'ms':34}{'29,696 cells':>14}{'118,784 cells':>15}\n")
    rows: dict[str, list[float]] = {}
    for count in (32, 64):
        for name, stack in (("uniform", hbm()), ("vias in the bonds", hbm((VIAS,)))):
            for rim in ("with overhang", "without"):
                of = stack if rim == "with overhang" else replace(stack, overhang=None)
                columns = even_columns(of, count, count)

                def whole(of: Stack = of, columns: object = columns) -> object:
                    return steady(of, columns, LAYERS_AS_NODES)  # type: ignore[arg-type]

                rows.setdefault(f"{name}, {rim}", []).append(best_ms(whole))
        solver = Solver(hbm(), even_columns(hbm(), count, count), LAYERS_AS_NODES, 1e-3)
        probes = [Probe(1, solver.cells.share(Rect(0.0, 0.0, SIDE, SIDE)))]
        power = power_of(solver.cells, hbm())

        def steps(solver: Solver = solver, power: Any = power, probes: Any = probes) -> object:
            return transient(solver, [power] * STEPS, probes)

        rows.setdefault("step of a transient", []).append(best_ms(steps, 3) / STEPS)
    for name, (small, large) in rows.items():
        sys.stdout.write(f"{name:34}{small:14.2f}{large:15.2f}\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"peak memory {peak:.0f} MB\n")


if __name__ == "__main__":
    main()
