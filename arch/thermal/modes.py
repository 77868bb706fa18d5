"""Shapes over a line of cells that keep their form as heat spreads: A v = w^2 M v.

A couples neighbouring cells by one over the distance of their middles, M has the widths of the cells. Over equal cells
the shapes are the cosines of the discrete cosine transform (DCT-II); over unequal ones they are found as eigenvectors.
Dense products with them are as fast as a fast transform up to the hundred cells of a side that stacks are solved on,
hold for any number of cells and any widths, and need no library beside numpy.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Modes(NamedTuple):
    """squares: float64[n], w^2 of each shape [1/m2]; shapes: float64[cells, n] [1/sqrt(m)], with v' M v = 1."""

    squares: Floats
    shapes: Floats


def modes_of(widths: Floats) -> Modes:
    """The shapes over cells of these widths [m]; the first is the mean."""
    if np.all(np.abs(widths - widths[0]) <= 1e-12 * widths[0]):
        return _cosines(len(widths), float(widths.sum()))
    between = 2.0 / (widths[1:] + widths[:-1])
    scale = 1.0 / np.sqrt(widths)
    coupled = np.zeros((len(widths), len(widths)))
    steps = np.arange(len(between))
    coupled[steps, steps] += between
    coupled[steps + 1, steps + 1] += between
    coupled[steps, steps + 1] = coupled[steps + 1, steps] = -between
    squares, vectors = np.linalg.eigh(scale[:, None] * coupled * scale)
    squares[0], vectors[:, 0] = 0.0, 1.0 / (scale * np.sqrt(widths.sum()))
    return Modes(squares, np.ascontiguousarray(scale[:, None] * vectors))


def _cosines(count: int, length: float) -> Modes:
    width = length / count
    order = np.arange(count)
    squares = (2.0 / width * np.sin(order * np.pi / (2 * count))) ** 2
    shapes = np.cos(np.outer(order + 0.5, order) * np.pi / count) * np.sqrt(2.0 / length)
    shapes[:, 0] = np.sqrt(1.0 / length)
    return Modes(squares, shapes)
