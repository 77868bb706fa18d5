"""What reaches beyond the dies: the overhang of a square spreader and of a square sink, as twelve lumped nodes.

Three a side, as in HotSpot (its package model): the spreader's overhang, the sink under that, the rest of the sink.
The edge cells of a slice of the spreader and of one of the sink are joined to them. On each side, with W the side of
the dies across it, H the one along it, s and q the sides of spreader and sink, t and k thickness and conductivity:

    edge cell to overhang    half the cell, and n ((s - W) / 4) / (k t (s + 3 H) / 4), n cells on the side
    overhang to sink         through the spreader and the sink over (s - W) (s + H) / 4
    sink under it to rest    ((s - W) / 4) / (k t (3 s + H) / 4) + ((q - s) / 4) / (k t (q + 3 s) / 4)
    sink to ambient          through the sink and the film, over (s - W) (s + H) / 4 and (q^2 - s^2) / 4
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.layers import Stack
from bankside.arch.thermal.slices import Cells

Floats = npt.NDArray[np.float64]

JOINED_AT = 0.25
"""How far up a layer of several slices its edges are joined. Heat enters at its bottom and turns outwards soon: a
quarter up, rises of dies are within 3 % of those of the same package cut into cells as a whole; half-way 6 % above."""

SHAPE = (2, 2, 3)
"""Nodes: across x and across y; the low and the high side; overhang, sink under it, rest of the sink."""


@dataclass(frozen=True)
class Rim:
    """Lumped nodes around two slices; opposite sides are alike.

    Attributes
    ----------
    slices : (int, int)
        Slices of the spreader and of the sink whose edge cells are joined to the first and the second node of a side.
    joints : float64[2, 2]
        Conductance from each edge cell to its node, across x and y, of spreader and sink [W/K].
    among : float64[2, 3, 3]
        Conductances among the nodes of a side and to the ambient, without the joints [W/K].
    capacity : float64[2, 3]
        Heat to warm the nodes of a side [J/K].
    """

    slices: tuple[int, int]
    joints: Floats
    among: Floats
    capacity: Floats


def rim_of(stack: Stack, cells: Cells) -> Rim | None:
    """The lumped nodes of a stack with an overhang.

    Raises
    ------
    ValueError
        If its columns are not equal.
    """
    if stack.overhang is None:
        return None
    if np.ptp(cells.dx) > 1e-9 * cells.dx[0] or np.ptp(cells.dy) > 1e-9 * cells.dy[0]:
        raise ValueError("A stack with an overhang is cut into equal columns.")
    s, q = stack.overhang.spreader_m, stack.overhang.sink_m
    spreader, sink = stack.layers[-2], stack.layers[-1]
    sheets = np.array([each.material.lateral * each.thickness_m for each in (spreader, sink)])
    t_s, t_q = spreader.thickness_m, sink.thickness_m
    below, film = cells.node, 1.0 / stack.cooling.heat_transfer
    through = (1 - below) * t_s / spreader.material.conductivity + below * t_q / sink.material.conductivity
    out = (1 - below) * t_q / sink.material.conductivity + film
    outer = (q**2 - s**2) / 4
    joints, among, capacity = np.zeros((2, 2)), np.zeros((2, 3, 3)), np.zeros((2, 3))
    for axis, (across, along, step, edges) in enumerate(_sides(stack, cells)):
        inner = (s - across) * (s + along) / 4
        way = (s - across) / (s + 3 * along)
        joints[axis] = sheets / (step / 2 / (along / edges) + edges * way)
        sideways = ((s - across) / (3 * s + along) + (q - s) / (q + 3 * s)) / sheets[1]
        down, outwards = inner / through, 1.0 / sideways
        among[axis] = [
            [down, -down, 0.0],
            [-down, down + outwards + inner / out, -outwards],
            [0.0, -outwards, outwards + outer / out],
        ]
        of_sink = sink.material.capacity * t_q + stack.cooling.capacity
        capacity[axis] = spreader.material.capacity * t_s * inner, of_sink * inner, of_sink * outer
    slices = [
        int(cells.first[at] + JOINED_AT * (cells.first[at + 1] - cells.first[at] - 1)) for at in (-3, -2)
    ]
    return Rim((slices[0], slices[1]), joints, among, capacity)


def _sides(stack: Stack, cells: Cells) -> tuple[tuple[float, float, float, int], ...]:
    """Of the sides across x and across y: extent of the dies across and along, cell inwards, number of edge cells."""
    _, ny, nx = cells.shape
    return (
        (stack.width_m, stack.depth_m, stack.width_m / nx, ny),
        (stack.depth_m, stack.width_m, stack.depth_m / ny, nx),
    )
