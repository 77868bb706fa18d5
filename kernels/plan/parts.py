"""Parts of a stationary operand whose values decide: what a node has of it, and what its tiles have."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.pe.regions import Part
from bankside.arch.pe.unit import Decided
from bankside.kernels.formats import Format
from bankside.kernels.plan.steps import Steps
from bankside.kernels.plan.tiling import Int64s, Mapping, Problem

Float64s = npt.NDArray[np.float64]


class CoreTiles(NamedTuple):
    """Tiles of every core over columns in every step: sizes int64[3, cores, steps], and means float64[cores, steps]."""

    sizes: Int64s
    part: Part


def known(fmt: Format) -> bool:
    """Whether the values of each part are known, and not their means alone."""
    return fmt.decided is not None and fmt.decided.regions is not None


def part_of(fmt: Format, outputs: tuple[int, int], inputs: tuple[int, int]) -> Format:
    """The format with the means of a part, from the first of each pair to before the second."""
    decided = fmt.decided
    if decided is None or decided.regions is None:
        return fmt
    ends = tuple((np.array([low]), np.array([high])) for low, high in (outputs, inputs))
    part = decided.regions.means(*ends)
    round_cycle, lane_cycle, bit = (float(each[0]) for each in part)
    own = Decided(max(round_cycle, lane_cycle), lane_cycle, bit, decided.regions)
    depth, rest = fmt.block, fmt.scale_bits - int(np.ceil(decided.element_bit * fmt.block - 1e-9))
    return replace(fmt, scale_bits=int(np.ceil(bit * depth - 1e-9)) + rest, decided=own)


def bytes_of(problem: Problem, nest: Steps) -> Float64s:
    """Bytes of b that each step brings, where it brings any: float64[steps]."""
    fmt = problem.formats[1]
    assert fmt.decided is not None and fmt.decided.regions is not None
    column, depth = problem.at[0] + nest.col, problem.at[1] + nest.depth
    part = fmt.decided.regions.means((column, column + nest.cols), (depth, depth + nest.kt))
    scales = problem.b_bytes * 8 - fmt.decided.element_bit
    byte = nest.cols * nest.kt * (part.element_bit + scales) / 8
    return np.where(nest.b_byte > 0, byte, 0.0)


def core_tiles(problem: Problem, mapping: Mapping, nest: Steps) -> CoreTiles:
    """What every core over columns has in every step, each `mapping.nt` columns of the step's, the last ones fewer."""
    fmt = problem.formats[1]
    assert fmt.decided is not None and fmt.decided.regions is not None
    core = np.arange(mapping.n_cores)[:, None]
    low, high = (np.minimum(nest.cols, (core + more) * nest.nt) for more in (0, 1))
    column, depth = problem.at[0] + nest.col, np.broadcast_to(problem.at[1] + nest.depth, low.shape)
    outputs, inputs = (
        ((column + low).ravel(), (column + high).ravel()),
        (depth.ravel(), (depth + nest.kt).ravel()),
    )
    part = fmt.decided.regions.means(outputs, inputs)
    sizes = np.stack([np.broadcast_to(nest.mt, low.shape), high - low, np.broadcast_to(nest.kt, low.shape)])
    return CoreTiles(sizes, Part(*(each.reshape(low.shape) for each in part)))
