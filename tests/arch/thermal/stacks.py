"""Random small stacks for the thermal tests, with their oracle."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tests.oracles import thermal_cells

from bankside.arch.thermal.layers import Block, Cooling, Layer, Material, Overhang, Patch, Rect, Stack
from bankside.arch.thermal.slices import BOTTOM, Cut, even_columns
from bankside.arch.thermal.solve import Solver

SLICED = Cut(slice_m=40e-6, active_m=1e-6)
BOTTOMS = Cut(slice_m=1.0, active_m=0.0, node=BOTTOM)

positive = st.floats(0.5, 400.0)


@st.composite
def layers(draw: st.DrawFn, width: float, depth: float, patched: bool) -> Layer:
    material = Material(draw(positive), draw(st.floats(1e6, 4e6)), draw(positive))
    blocks = []
    for _ in range(draw(st.integers(0, 2))):
        x, y = draw(st.floats(0, 0.7)) * width, draw(st.floats(0, 0.7)) * depth
        blocks.append(Block("b", Rect(x, y, 0.25 * width, 0.3 * depth), draw(st.floats(0.1, 20.0))))
    patches: tuple[Patch, ...] = ()
    if patched and draw(st.booleans()):
        at = Rect(0.3 * width, 0.0, 0.4 * width, 0.6 * depth)
        patches = (Patch(at, Material.even(draw(positive), 2e6)),)
    return Layer("layer", draw(st.floats(5e-6, 2e-4)), material, tuple(blocks), patches)


@st.composite
def stacks(draw: st.DrawFn, patched: bool = False, overhang: bool = False) -> Stack:
    """Stacks of two to five layers with some power."""
    width, depth = draw(st.floats(4e-3, 2e-2)), draw(st.floats(4e-3, 2e-2))
    found = draw(st.lists(layers(width, depth, patched), min_size=2, max_size=5))
    found[0] = replace(found[0], blocks=(*found[0].blocks, Block("s", Rect(0, 0, width / 2, depth), 3.0)))
    cooling = Cooling(draw(st.floats(1e3, 5e4)), 300.0)
    below = Cooling(draw(st.floats(10.0, 1e4)), 300.0) if draw(st.booleans()) else None
    rim = None
    if overhang:
        spreader = max(width, depth) * draw(st.floats(1.2, 3.0))
        rim = Overhang(spreader, spreader * draw(st.floats(1.2, 2.0)))
    return Stack(width, depth, tuple(found), cooling, below, rim)


@st.composite
def columns(draw: st.DrawFn, stack: Stack, even: bool = False) -> Any:
    nx, ny = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    if even:
        return even_columns(stack, nx, ny)
    x, y = (np.array(draw(st.lists(st.floats(0.2, 1.0), min_size=n, max_size=n))) for n in (nx, ny))
    return x / x.sum() * stack.width_m, y / y.sum() * stack.depth_m


def oracle(stack: Stack, solver: Solver) -> thermal_cells.Network:
    """The same cells as a sparse matrix."""
    cells = solver.cells
    lateral, vertical = (np.broadcast_to(each, cells.shape) for each in (cells.lateral, cells.vertical))
    net = thermal_cells.box(
        *(list(map(float, each)) for each in (cells.dx, cells.dy, cells.dz)),
        lambda *at: float(lateral[at]),
        lambda *at: float(vertical[at]),
        cells.node,
        stack.cooling.heat_transfer,
        stack.below.heat_transfer if stack.below else 0.0,
    )
    if stack.overhang is not None and solver.rim is not None:
        spreader, sink = (
            (at, layer.thickness_m, layer.material.lateral)
            for at, layer in zip(solver.rim.slices, stack.layers[-2:], strict=True)
        )
        thermal_cells.add_overhang(
            net, list(cells.dx), list(cells.dy), stack.overhang.spreader_m, stack.overhang.sink_m, spreader, sink,
            stack.cooling.heat_transfer, cells.node,
        )  # fmt: skip
    return net
