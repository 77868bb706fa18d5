"""A chip process: what arithmetic, SRAM and wires cost in it, read from configs/technology.

A core inside a DRAM die is made in the DRAM's process, whose logic is slower and many times larger.
"""

import re
from collections.abc import Sequence
from functools import cache

from pydantic import Field

from bankside.arch.spec import (
    Area,
    AreaPerBit,
    Bits,
    ConfigError,
    Energy,
    EnergyPerBit,
    EnergyPerBitLength,
    Frequency,
    Length,
    PowerDensity,
    Share,
    Spec,
    load,
)

SRAM_REFERENCE_BYTE = 8192  # capacity at which `sram.energy` is stated


class ClockSpec(Spec):
    """Clocks that designs in this process run at, and the highest that one may ask for."""

    usual: Frequency
    limit: Frequency


class OperationSpec(Spec):
    """One hardware unit: area with registers and its share of control, energy of one operation."""

    area: Area
    energy: Energy


class SramSpec(Spec):
    """SRAM macros.

    Area = bits * cell / efficiency. Energy of reading `access` bits from a macro of C bytes =
    energy * (C / 8 KiB)^exponent, of writing them `write` times that.
    """

    cell: AreaPerBit
    efficiency: Share
    access: Bits
    energy: Energy
    exponent: Share
    write: float = Field(gt=0)


class NocSpec(Spec):
    """One hop of an on-die network: a router and `pitch` of wire."""

    router: EnergyPerBit
    wire: EnergyPerBitLength
    pitch: Length


class LeakageSpec(Spec):
    """Leakage of powered logic and SRAM, at 85 degC."""

    logic: PowerDensity
    sram: PowerDensity


class ProcessSpec(Spec):
    """A process of configs/technology; `mac` maps number formats to multiply-accumulate units."""

    description: str
    clock: ClockSpec
    mac: dict[str, OperationSpec] = Field(min_length=1)
    vector: OperationSpec
    nonlinear: OperationSpec
    sram: SramSpec
    noc: NocSpec
    leakage: LeakageSpec

    def multiplier(self, number_format: str) -> OperationSpec:
        """The MAC unit that multiplies `number_format`: its own, or the narrowest wider one of the same kind.

        Block formats use the multiplier of their elements (mxfp8_e4m3: fp8; int4_g128: int4).

        Raises
        ------
        ConfigError
            When the process has no unit of that kind that is wide enough.
        """
        wanted = _element(number_format)
        if wanted in self.mac:
            return self.mac[wanted]
        kind, bits = _kind(wanted)
        wider = [(_kind(name)[1], name) for name in self.mac if _kind(name)[0] == kind]
        fitting = sorted((width, name) for width, name in wider if width >= bits)
        if not fitting:
            known = ", ".join(self.mac)
            raise ConfigError(
                f"The process '{self.description}' has no MAC for {number_format}; it has {known}."
            )
        return self.mac[fitting[0][1]]

    def sram_read_j_per_byte(self, size_byte: float) -> float:
        """Energy of reading a byte from an SRAM of `size_byte` [J/byte]; the law is flat below 8 KiB."""
        ratio = max(1.0, size_byte / SRAM_REFERENCE_BYTE)
        return float(self.sram.energy * 8 / self.sram.access * ratio**self.sram.exponent)

    def sram_write_j_per_byte(self, size_byte: float) -> float:
        """Energy of writing a byte into an SRAM of `size_byte` [J/byte]."""
        return self.sram.write * self.sram_read_j_per_byte(size_byte)

    def sram_area_m2(self, size_byte: float) -> float:
        """Area of an SRAM macro: bits * cell / share of the macro that is cells [m2]."""
        return size_byte * 8 * self.sram.cell / self.sram.efficiency

    @property
    def noc_j_per_byte_hop(self) -> float:
        """Energy of a byte over one hop of an on-die network [J/byte]."""
        return 8 * (self.noc.router + self.noc.wire * self.noc.pitch)

    def leakage_w(self, logic_m2: float, sram_m2: float) -> float:
        """Leakage of powered logic and SRAM [W]."""
        return float(self.leakage.logic * logic_m2 + self.leakage.sram * sram_m2)


@cache
def load_process(name: str) -> ProcessSpec:
    """A shipped process by name, or one by path."""
    return load(name, "technology", ProcessSpec).spec


def widest_mac(process: ProcessSpec, formats: Sequence[str]) -> OperationSpec:
    """The largest MAC unit among those that the formats of a core need: one array serves them all."""
    return max((process.multiplier(f) for f in formats), key=lambda unit: unit.area)


def width_of(number_format: str) -> tuple[str, int]:
    """Kind of a format's elements, "int" or "float", and their bits [bit]."""
    return _kind(_element(number_format))


def _element(number_format: str) -> str:
    match = re.match(r"(?:mx|nv|bitmod_)?((?:bf|fp|tf|int)\d+)", number_format)
    if match is None:
        raise ConfigError(f"'{number_format}' is no number format.")
    return match.group(1)


def _kind(element: str) -> tuple[str, int]:
    """Integer or floating point, and bits; tf32 and bf16 multiply like floating point of their width."""
    letters, digits = element.rstrip("0123456789"), element.lstrip("bfintp")
    return ("int" if letters == "int" else "float"), int(digits)
