"""Area of a core from its process: arrays, lanes and SRAM, each unit counted once."""

import math
from collections.abc import Sequence

from bankside.arch.technology.process import ProcessSpec, widest_mac

BITS_PER_BYTE = 8


def sram_area_m2(process: ProcessSpec, size_byte: float) -> float:
    """Area of an SRAM macro: bits * cell / share of the macro that is cells [m2]."""
    return size_byte * BITS_PER_BYTE * process.sram.cell / process.sram.efficiency


def core_area(
    process: ProcessSpec,
    macs: int,
    formats: str | Sequence[str],
    sram_byte: float,
    vector_lanes: int = 0,
    nonlinear_lanes: int = 0,
) -> dict[str, float]:
    """Area of the units of one core [m2].

    Parameters
    ----------
    process : ProcessSpec
    macs : int
        Multiply-accumulate units of the matrix unit.
    formats : str or sequence of str
        Number formats that the MACs take; the widest decides their size.
    sram_byte : float
        Capacity of the scratchpad [byte].
    vector_lanes, nonlinear_lanes : int

    Returns
    -------
    {"mac", "vector", "nonlinear", "sram": m2}
    """
    if min(macs, sram_byte, vector_lanes, nonlinear_lanes) < 0:
        raise ValueError("A core cannot have a negative number of units or bytes.")
    wanted = (formats,) if isinstance(formats, str) else formats
    return {
        "mac": macs * widest_mac(process, wanted).area if macs else 0.0,
        "vector": vector_lanes * process.vector.area,
        "nonlinear": nonlinear_lanes * process.nonlinear.area,
        "sram": sram_area_m2(process, sram_byte),
    }


def core_leakage_w(process: ProcessSpec, area_m2: dict[str, float]) -> float:
    """Leakage of one core at the process's reference temperature [W], from its `core_area`."""
    logic_m2 = math.fsum(area for unit, area in area_m2.items() if unit != "sram")
    return process.leakage_w(logic_m2, area_m2["sram"])
