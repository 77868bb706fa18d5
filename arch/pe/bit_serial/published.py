"""Area and energy of processing elements at 28 nm, as their papers state them, and elsewhere by one rule.

In another process an element scales as the int8 multiplier of the technology tables does, in area and in energy.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from bankside.arch.technology.process import ProcessSpec, load_process

AT: Final = "n28"
"""The process of the tables, of configs/technology."""

LAYOUT: Final = 1.5
"""From synthesis to layout, in area and energy (read: bitmod_sim, pe_array.py); BBS and BitMoD report synthesis."""

BBS: Final = "Chen et al., BBS (BitVert), MICRO 2024, Table V: 28 nm, 800 MHz, synthesis"
BITMOD: Final = "Chen et al., BitMoD, HPCA 2025, Table X: 28 nm, 1 GHz, synthesis"


@dataclass(frozen=True)
class Element:
    """One processing element.

    Parameters
    ----------
    area_um2, energy_pj
        After synthesis: area, and energy of a cycle at work (power / clock).
    lanes
        Weights of which it takes a digit a cycle; BitVert's eight multipliers take a column of 16, of which they add
        the rarer symbol (Table VI: four times the products of OliVe's, 4 columns of 16 weights).
    row_pj, column_pj
        After synthesis, of what elements side by side share: the registers that hand a row its weights, in a cycle, and
        those that hold a column's activations, for a group (yc2367/BitSim, sim/sim/*.py); 0 where none is stated.
    """

    area_um2: float
    energy_pj: float
    lanes: int
    source: str
    confidence: Literal["read", "computed", "assumed"]
    row_pj: float = 0.0
    column_pj: float = 0.0

    def area_m2(self, process: ProcessSpec) -> float:
        """After layout in a process [m2]."""
        of = load_process(AT).multiplier("int8").area
        return self.area_um2 * 1e-12 * LAYOUT * process.multiplier("int8").area / of

    def in_process_j(self, energy_pj: float, process: ProcessSpec) -> float:
        """One of its energies, after layout in a process [J]."""
        of = load_process(AT).multiplier("int8").energy
        return energy_pj * 1e-12 * LAYOUT * process.multiplier("int8").energy / of


def _like(name: str, of: Element) -> Element:
    return replace(of, source=f"as {name}: no figure of its own", confidence="assumed")


_MHZ_800: Final = 0.8e9
_DISPATCHED_PJ: Final = 0.072625  # of handing a column its activations, in all
_STRIPES: Final = Element(532.8, 0.37e-3 / _MHZ_800 * 1e12, 8, BBS, "read", 0.46, 0.53 + _DISPATCHED_PJ)
_PRAGMATIC: Final = Element(923.1, 0.51e-3 / _MHZ_800 * 1e12, 8, BBS, "read", 0.763, 0.53 + _DISPATCHED_PJ)
_BITWAVE: Final = Element(702.4, 0.49e-3 / _MHZ_800 * 1e12, 8, BBS, "read", 0.06575)
_BITVERT: Final = Element(739.6, 0.45e-3 / _MHZ_800 * 1e12, 16, BBS, "read", 1.205, 1.06 + _DISPATCHED_PJ)
_BITMOD: Final = Element(97090 / 64, 37.5e-3 / 1e9 / 64 * 1e12, 4, BITMOD, "read")
_OLIVE: Final = Element(
    291.6, 0.18e-3 / _MHZ_800 * 1e12, 1,
    "Chen et al., BBS (BitVert), MICRO 2024, Table VI: OliVe's multiplier of 4 x 8 bits", "read",
)  # fmt: skip

ELEMENTS: Final = {
    "stripes": _STRIPES,
    "pragmatic": _PRAGMATIC,
    "bitlet": Element(1665.6, 0.57e-3 / _MHZ_800 * 1e12, 8, BBS, "read", 1.1325, 0.2625 + _DISPATCHED_PJ),
    "bitwave": _BITWAVE,
    "bitvert": _BITVERT,
    "bitmod": _BITMOD,
    "olive": _OLIVE,
    "fp16": Element(95498 / 48, 36.96e-3 / 1e9 / 48 * 1e12, 1, BITMOD, "read"),
    "essential": _like("Pragmatic", _PRAGMATIC),
    "laconic": _like("Pragmatic", _PRAGMATIC),
    "shapeshifter": _like("Stripes", _STRIPES),
    "loom": _like("Stripes", _STRIPES),
    "anda": _like("BitMoD", _BITMOD),
}
"""By scheme. What is not here multiplies whole operands, with the multiplier of the process."""
