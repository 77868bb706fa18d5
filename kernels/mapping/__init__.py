"""How one node computes a matrix product: grid of cores, tile, loop order, unit; chosen, or pinned by the user."""

from bankside.kernels.mapping.choose import choose
from bankside.kernels.mapping.naive import naive
from bankside.kernels.plan.steps import Steps, moved_bytes, read_bytes, steps, total_bytes
from bankside.kernels.plan.tiling import (
    ACCUMULATOR_BYTES,
    SKINNY,
    UNITS,
    Mapping,
    Problem,
    Resources,
    fits,
)

__all__ = [
    "ACCUMULATOR_BYTES",
    "SKINNY",
    "UNITS",
    "Mapping",
    "Problem",
    "Resources",
    "Steps",
    "choose",
    "fits",
    "moved_bytes",
    "naive",
    "read_bytes",
    "steps",
    "total_bytes",
]
