"""High-bandwidth flash as data: planes that sense pages into registers, and the bus of a channel.

Sources conflict on latency (1 to 28 us) and energy (6 to 30 pJ/bit); both are values of a device file, and the shipped
devices are the published points under their own names. What follows from them in closed form is here; the exact
stream is in flash_stream.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from bankside.arch.spec import (
    Bytes,
    ConfigError,
    Count,
    Energy,
    EnergyPerBit,
    FieldError,
    FieldsError,
    Frequency,
    Power,
    Spec,
    Time,
)

MAX_PLANE = 1024
MAX_REGISTER = 8

FLASH = np.dtype(
    [
        (name, np.int64)
        for name in ("planes", "page_bursts", "burst", "burst_bytes", "sense", "program", "registers", "sequential")
    ]
)  # fmt: skip


class DieLevels(Spec):
    """Planes of one die, and its capacity."""

    planes: Count
    capacity: Bytes


class Page(Spec):
    """What a plane senses at once (tR) and programs at once (tPROG)."""

    bytes: Count
    read: Annotated[Time, Field(gt=0)]
    program: Annotated[Time, Field(gt=0)]


class Bus(Spec):
    """One burst on a channel's bus: size [byte] and time [clocks]."""

    bytes: Count
    cycles: Count = 1


class Endurance(Spec):
    """Program and erase cycles that a cell stands, and pages programmed for a page written."""

    cycles: Count
    write_amplification: Annotated[float, Field(ge=1)] = 1.0


class FlashEnergy(Spec):
    """Energy of one page sensed and one page programmed; standby power of a channel; J/bit up the path by part."""

    read: Energy
    program: Energy
    background: Power
    path: dict[str, dict[str, EnergyPerBit]]


class FlashSpec(Spec):
    """One flash device file of configs/devices: a stack of `channels`, each of `dies` dies on a bus of its own.

    `registers`: pages that each plane holds, 2 where it senses one while another leaves. `read_ahead`: planes work
    on the pages of streams that have arrived (`stream`), or also on those that follow (`sequential`).
    """

    other_kind: ClassVar[Mapping[str, str]] = {
        "timings": "this is a DRAM, which states its timings; a flash device is needed, which states its page."
    }

    family: str
    clock: Frequency
    channels: Count
    dies: Count = 1
    die: DieLevels
    page: Page
    bus: Bus
    registers: Annotated[int, Field(ge=1, le=MAX_REGISTER)] = 2
    read_ahead: Literal["stream", "sequential"] = "sequential"
    endurance: Endurance
    energy: FlashEnergy | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        errors = []
        if self.page.bytes % self.bus.bytes:
            errors.append(
                FieldError(
                    f"a page of {self.page.bytes} B is no whole number of bursts of {self.bus.bytes} B.",
                    "page.bytes",
                )
            )
        if self.dies * self.die.planes > MAX_PLANE:
            errors.append(
                FieldError(
                    f"a channel has at most {MAX_PLANE} planes, not {self.dies} x {self.die.planes}.",
                    "die.planes",
                )
            )
        if self.die.capacity < self.die.planes * self.page.bytes:
            errors.append(FieldError("a die holds at least one page in each plane.", "die.capacity"))
        if errors:
            raise FieldsError(errors)
        return self


@dataclass(frozen=True)
class Flash:
    """A compiled flash device; `packed` is FLASH[1], what kernels take.

    slot_fs is one bus clock [fs]; `planes` those of one channel; burst_bytes one transfer on the bus [byte].
    """

    spec: FlashSpec
    slot_fs: int
    channels: int
    planes: int
    burst_bytes: int
    packed: np.ndarray[Any, Any]

    @property
    def channel_bytes(self) -> int:
        """Capacity of one channel in whole pages [byte]."""
        pages = int(self.spec.dies * self.spec.die.capacity) // self.spec.page.bytes
        return pages * self.spec.page.bytes

    @property
    def capacity_bytes(self) -> int:
        """Capacity of the device [byte]."""
        return self.channels * self.channel_bytes

    @property
    def page_time_s(self) -> float:
        """One page alone: tR + page / bus [s]."""
        dev = self.packed[0]
        return float((dev["sense"] + dev["page_bursts"] * dev["burst"]) * self.slot_fs) / 1e15

    @property
    def peak_bytes_per_s(self) -> float:
        """Read bandwidth of one channel [byte/s]: the bus, or all planes each sensing a page per tR if that is less.

        With r registers a plane also gives at most r pages per tR + page / bus.
        """
        return self._bandwidth(int(self.packed[0]["sense"]))

    @property
    def write_bytes_per_s(self) -> float:
        """Write bandwidth of one channel [byte/s]: as reading, with tPROG in place of tR."""
        return self._bandwidth(int(self.packed[0]["program"]))

    def _bandwidth(self, busy_slots: int) -> float:
        dev = self.packed[0]
        registers, page = int(dev["registers"]), int(dev["page_bursts"])
        moved = page * int(dev["burst"])
        per_page = max(Fraction(busy_slots), Fraction(busy_slots + moved, registers))
        rate = min(Fraction(page, moved), self.planes * page / per_page)
        return float(rate * self.burst_bytes / Fraction(self.slot_fs, 10**15))


def compile_flash(spec: FlashSpec) -> Flash:
    """Pack a flash device for kernels; times are rounded up to whole bus clocks.

    Raises
    ------
    ConfigError
        When tR or tPROG is too long for the clock to count.
    """
    slot_fs = round(1e15 / spec.clock)
    packed = np.zeros(1, FLASH)
    planes = spec.dies * spec.die.planes
    sense, program = (-(-round(t * 1e15) // slot_fs) for t in (spec.page.read, spec.page.program))
    if max(sense, program, spec.bus.cycles) >= 1 << 40:
        raise ConfigError("A page or a burst cannot take longer than 2^40 clocks of the bus.")
    values = {
        "planes": planes, "page_bursts": spec.page.bytes // spec.bus.bytes, "burst": spec.bus.cycles,
        "burst_bytes": spec.bus.bytes, "sense": sense, "program": program, "registers": spec.registers,
        "sequential": int(spec.read_ahead == "sequential"),
    }  # fmt: skip
    for name, value in values.items():
        packed[0][name] = value
    return Flash(spec, slot_fs, spec.channels, planes, spec.bus.bytes, packed)


def buffer_bytes(bandwidth_byte_s: float, read_s: float) -> float:
    """Bytes in flight that hide tR, and as many again to take them from: 2 x BW x tR (H3, CAL 2026)."""
    return 2 * bandwidth_byte_s * read_s


def lifetime_s(capacity_byte: float, endurance: Endurance, write_byte_s: float) -> float:
    """Time until every cell has had its cycles: capacity x P/E / (write rate x amplification) [s]."""
    return capacity_byte * endurance.cycles / (write_byte_s * endurance.write_amplification)
