"""Power densities of the blocks of a machine."""

from collections.abc import Mapping
from math import fsum
from typing import NamedTuple


class Densities(NamedTuple):
    """Power densities of the blocks of a machine [W/mm2] and the name of the densest."""

    max_w_per_mm2: float
    mean_w_per_mm2: float
    block: str


def density(power_w: float, area_m2: float) -> float:
    """Power density [W/mm2] of `power_w` over `area_m2`; 0.0 where there is neither."""
    if area_m2 > 0.0:
        return power_w / (area_m2 * 1e6)
    if power_w > 0.0:
        raise ValueError(f"{power_w} W over an area of {area_m2} m2 has no density.")
    return 0.0


def densities(blocks: Mapping[str, tuple[float, float]]) -> Densities:
    """Densest block and mean density over all blocks.

    Parameters
    ----------
    blocks : {name: (power [W], area [m2])}
        Blocks that do not overlap; of equal densities the first in order is named.
    """
    each = {name: density(power_w, area_m2) for name, (power_w, area_m2) in blocks.items()}
    block = max(each, key=lambda name: each[name])
    mean = density(fsum(p for p, _ in blocks.values()), fsum(a for _, a in blocks.values()))
    return Densities(each[block], mean, block)
