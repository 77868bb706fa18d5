"""A chip process: what arithmetic, SRAM and wires cost in it, read from configs/technology.

A core inside a DRAM die is made in the DRAM's process, whose logic is slower and many times larger.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from pydantic import Field, model_validator

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
    TemperatureDifference,
    load,
)

LEAKAGE_AT_C = 85.0
"""Temperature at which leakage is stated [degC]."""

BISECTIONS = 40  # a voltage to 1e-12 of itself
SRAM_REFERENCE_BYTE = 8192  # capacity at which `sram.energy` is stated
BIT_LINES = (
    0.5  # square-root law of small macros: 10, 20, 100 pJ from 8 KiB, 32 KiB, 1 MiB (Horowitz, ISSCC 2014)
)
ACCUMULATOR_BITS = 32  # sums are fp32 or int32


class SupplySpec(Spec):
    """Which share of its supply logic needs at a share of its clock: f ~ (V - threshold)^exponent / V, the alpha-power
    law (Sakurai and Newton, JSSC 1990), and never less than `least`."""

    threshold: Share
    exponent: float = Field(ge=1, le=2)
    least: Share

    @model_validator(mode="after")
    def _above_the_threshold(self) -> "SupplySpec":
        if not self.threshold < self.least <= 1:
            raise ValueError("The least supply must be above the threshold.")
        return self


class ClockSpec(Spec):
    """Clocks that designs in this process run at, and the highest that one may ask for.

    tree: power of the clock network, and of what it toggles whether or not there is work, at the usual clock; it goes
    with the clock. supply: how far the voltage falls when a clock does.
    """

    usual: Frequency
    limit: Frequency
    tree: PowerDensity
    supply: SupplySpec

    def voltage(self, share: float) -> float:
        """Supply at a share of a design's clock, over its supply at the whole of it."""
        return _voltage(self.supply, share)


@lru_cache(maxsize=1024)
def _voltage(curve: SupplySpec, share: float) -> float:
    low, high = curve.least, 1.0

    def speed(supply: float) -> float:
        return float((supply - curve.threshold) ** curve.exponent / supply)

    if speed(low) >= share * speed(1.0):
        return low
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if speed(middle) >= share * speed(1.0) else (middle, high)
    return high


class OperationSpec(Spec):
    """One hardware unit: area with registers and its share of control, energy of one operation."""

    area: Area
    energy: Energy


class SramSpec(Spec):
    """SRAM macros.

    Area = bits * cell / efficiency. Energy of reading `access` bits from a macro of C bytes =
    energy * (C / 8 KiB)^exponent, of writing them `write` times that. Below 8 KiB bit lines and word lines decide, and
    the exponent is 1/2.
    """

    cell: AreaPerBit
    efficiency: Share
    access: Bits
    energy: Energy
    exponent: Share
    write: float = Field(gt=0)


class NocSpec(Spec):
    """One hop of an on-die network: a router and `pitch` of wire; `port`: area of a router for each bit of each port,
    its buffers, crossbar and allocators."""

    router: EnergyPerBit
    wire: EnergyPerBitLength
    pitch: Length
    port: AreaPerBit


class LeakageSpec(Spec):
    """Leakage of powered logic and SRAM, at 85 degC; `doubling`: warmer by so much, there is twice as much."""

    logic: PowerDensity
    sram: PowerDensity
    doubling: TemperatureDifference = Field(gt=0)

    def times(self, celsius: float) -> float:
        """How many times as much there is at a temperature [degC]."""
        return float(2.0 ** ((celsius - LEAKAGE_AT_C) / self.doubling))


class ProcessSpec(Spec):
    """A process of configs/technology; `mac` maps number formats to multiply-accumulate units.

    registers: reading or writing a bit of a register; instruction: fetch, decode, operands and result of an instruction
    of a programmable core; interface: what a die pays for every bit of a memory off its stack, for controller and PHY.
    """

    description: str
    clock: ClockSpec
    mac: dict[str, OperationSpec] = Field(min_length=1)
    vector: OperationSpec
    nonlinear: OperationSpec
    registers: EnergyPerBit
    instruction: Energy
    sram: SramSpec
    noc: NocSpec
    interface: EnergyPerBit
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
        """Energy of reading a byte from an SRAM of `size_byte` [J/byte]."""
        ratio = size_byte / SRAM_REFERENCE_BYTE
        exponent = self.sram.exponent if ratio >= 1 else BIT_LINES
        return float(self.sram.energy * 8 / self.sram.access * ratio**exponent)

    def sram_write_j_per_byte(self, size_byte: float) -> float:
        """Energy of writing a byte into an SRAM of `size_byte` [J/byte]."""
        return self.sram.write * self.sram_read_j_per_byte(size_byte)

    def operand_j(self, number_format: str, reads: int = 2, sums: float = 1.0) -> float:
        """Registers of a multiply-accumulate [J]: `reads` operands of the format, and `sums` times a sum that is read
        and written."""
        bits = reads * _kind(_element(number_format))[1] + 2 * sums * ACCUMULATOR_BITS
        return self.registers * bits

    def clock_w(self, area_m2: float, clock_hz: float) -> float:
        """Power of the clock network over an area at a clock [W]."""
        return self.clock.tree * area_m2 * clock_hz / self.clock.usual

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
