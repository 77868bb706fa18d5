"""A small machine-like specification that uses every feature of the loader."""

from enum import StrEnum
from typing import Annotated, Literal, Self

import pytest
from pydantic import Field, model_validator

from bankside.arch.spec import (
    Area,
    Bytes,
    ConfigError,
    Count,
    FieldError,
    FieldsError,
    Frequency,
    Reference,
    Share,
    Spec,
    Time,
    Timing,
    from_text,
)


class Dataflow(StrEnum):
    WEIGHT = "ws"
    OUTPUT = "os"


class Systolic(Spec):
    unit: Literal["systolic"]
    rows: Count
    cols: Count
    dataflow: Dataflow = Dataflow.WEIGHT


class Lanes(Spec):
    unit: Literal["lanes"]
    lanes: Count


class Sram(Spec):
    size: Bytes
    banks: Count = 1
    busy: Share = 0.0


class Core(Spec):
    tap: str
    clock: Frequency
    sram: Sram | None = None
    matmul: Annotated[Systolic | Lanes, Field(discriminator="unit")] | None = None
    launch: Time = 0.0
    formats: tuple[Literal["bf16", "int8"], ...] = ("bf16",)


class Die(Spec):
    name: str
    area: Area | None = None
    count: Count = 1


class Device(Spec):
    name: str
    clock: Frequency
    timings: dict[str, Timing]
    tighten: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        t = {key: timing.cycles(self.clock) for key, timing in self.timings.items()}
        above = [key for key in t if t[key] > t.get("tRC", 1e9)]
        if above:
            raise FieldsError([FieldError(f"{key} is above tRC.", f"timings.{key}") for key in above])
        if self.tighten and "tFAW" not in t:
            raise FieldError("tighten needs tFAW.", "tighten")
        return self


class Memory(Spec):
    device: Annotated[Device, Reference("devices")]
    stacks: Count = 1


class Machine(Spec):
    name: str
    memories: dict[str, Memory]
    dies: Annotated[tuple[Die, ...], Field(min_length=1)]
    cores: dict[str, Core]
    primary: str
    share: float | Literal["auto"] = "auto"
    enabled: bool = True


DEVICE = """\
clock: 1 GHz
timings: {tRC: 48, tRCD: 14 ns}
"""

MACHINE = """\
name: sample
memories:
  hbm: {device: {name: dev, clock: 1 GHz, timings: {tRC: 48, tRCD: 14 ns}}, stacks: 2}
dies:
  - {name: logic, area: 100 mm2}
  - name: dram
    count: 4
cores:
  pe:
    tap: hbm.vault
    clock: 1 GHz
    sram: {size: 256 KiB, banks: 16}
    matmul: {unit: systolic, rows: 32, cols: 16, dataflow: os}
primary: pe
"""


def errors_of(text: str, *overrides: str) -> list[str]:
    """The sentences with which `text` is refused as a machine."""
    with pytest.raises(ConfigError) as caught:
        from_text(text, Machine, overrides, label="m.yaml")
    return caught.value.errors
