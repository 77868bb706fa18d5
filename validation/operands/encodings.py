"""Our values for claims about number formats and sparse encodings; each function gives one number in the unit it
names."""

from typing import Any

from bankside.kernels.formats import FORMATS
from bankside.kernels.sparsity import crossover
from bankside.unit import format as format_unit
from bankside.unit import sparsity as sparsity_unit


def format_bits(format: str) -> float:
    """Bits an element takes, scales of blocks included [bit]."""
    return FORMATS[format].bits


def format_range(format: str, end: str) -> float:
    """Largest value ("max_value"), least normal ("min_normal") or least one ("min_subnormal") of an element [1]."""
    return float(format_unit.run_case({"format": format, "elements": 32})[end])


def format_sqnr_db(format: str) -> float:
    """Signal over error of 2^20 normal values, seed 0 of NumPy's generator [dB]."""
    return float(format_unit.run_case({"format": format})["sqnr_db"])


def sparsity(quantity: str, **case: Any) -> float:
    """A column of the unit sparsity."""
    return float(sparsity_unit.run_case(case)[quantity])


def runs_cross_bitmap(run_bits: int, bits: int, root: int) -> float:
    """Density at which run lengths take as much as a bitmap, the first or second such."""
    return crossover.runs_against_bitmap(run_bits, bits)[root]


def groups_cross(m: int) -> float:
    """Values in M above which a bitmap of a group is smaller than indices."""
    return crossover.bitmap_below_index(m)


def index_crosses_bitmap(index: int) -> float:
    """Sparsity above which lists of so many bits an index are smaller than a bitmap."""
    return crossover.index_below_bitmap(index)


def recommended_is(encoding: str, **case: Any) -> float:
    """1 where the unit sparsity recommends the encoding, else 0."""
    return float(sparsity_unit.run_case(case)["encoding"] == encoding)
