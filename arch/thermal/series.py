"""Steady temperature of a stack as a one-dimensional chain of thermal resistances.

Layers from bottom to top, adiabatic at the bottom and the sides, a heat sink at the top. The node of a layer
is at its middle; neighbours are joined by the two half-layer resistances, and all power of the layers below
and of the layer itself flows upwards through them:

    R(i, i+1) = t_i / (2 k_i A_i) + t_{i+1} / (2 k_{i+1} A_{i+1})
    T_top     = T_ambient + P_total (R_sink + t_top / (2 k_top A_top))
    T_i       = T_{i+1} + R(i, i+1) * sum of P_j over j <= i

Lateral flow is left out: where a layer's power is uneven this is its mean, and its hot spot is hotter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import NamedTuple


@dataclass(frozen=True)
class Layer:
    """One slab of a stack.

    Attributes
    ----------
    name : str
        Name of the die, or of the bond or interface between two dies.
    thickness_m, area_m2 : float
        Thickness [m] and cross-section [m2].
    conductivity_w_per_m_k : float
        Through-plane conductivity [W/(m K)].
    power_w : float
        Heat released in the layer [W], at its middle.
    """

    name: str
    thickness_m: float
    area_m2: float
    conductivity_w_per_m_k: float
    power_w: float = 0.0

    @property
    def resistance_k_per_w(self) -> float:
        """Resistance from face to face [K/W]."""
        return self.thickness_m / (self.conductivity_w_per_m_k * self.area_m2)


def series_temperatures(layers: Sequence[Layer], sink_k_per_w: float, ambient_c: float) -> dict[str, float]:
    """Temperature at the middle of every layer [degC].

    Parameters
    ----------
    layers : sequence of Layer
        Bottom (farthest from the sink) to top.
    sink_k_per_w : float
        Resistance from the top face to the ambient [K/W].
    ambient_c : float
        Ambient or coolant temperature [degC].

    Returns
    -------
    {layer name: degC}
        Of layers with the same name the hottest, so that the dies of one memory may share a name.
    """
    flow_w = 0.0
    flows_w = [flow_w := flow_w + layer.power_w for layer in layers]
    temperatures: dict[str, float] = {}
    face_c = ambient_c + sink_k_per_w * flow_w
    for layer, flow in zip(reversed(layers), reversed(flows_w), strict=True):
        half_k_per_w = layer.resistance_k_per_w / 2
        middle_c = face_c + half_k_per_w * flow
        face_c = middle_c + half_k_per_w * (flow - layer.power_w)
        temperatures[layer.name] = max(middle_c, temperatures.get(layer.name, middle_c))
    return dict(reversed(temperatures.items()))


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
