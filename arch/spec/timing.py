"""A timing of a protocol: a bare number counts clock cycles, a number with a unit is a time."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from bankside.arch import units
from bankside.arch.spec.errors import clip
from bankside.arch.spec.node import describe

_EXPECTED = "expected a number of cycles or a time such as '3.9 us'"


@dataclass(frozen=True)
class Duration:
    """Exactly one of `cycle` (clock cycles) and `s` (seconds) is given."""

    cycle: float | None = None
    s: float | None = None

    def cycles(self, clock_hz: float) -> float:
        """Number of cycles of a clock, not rounded."""
        return self.cycle if self.cycle is not None else (self.s or 0.0) * clock_hz

    def seconds(self, clock_hz: float) -> float:
        """Length in seconds under a clock."""
        return self.s if self.s is not None else (self.cycle or 0.0) / clock_hz


class _TimingReader:
    def read(self, value: Any) -> Duration:
        if isinstance(value, Duration):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise units.UnitError(f"{_EXPECTED}, but got {describe(value)}.")
        if isinstance(value, str):
            duration = Duration(s=units.parse(value, units.TIME))
        else:
            duration = Duration(cycle=float(value))
        if duration.seconds(1.0) < 0:
            raise units.UnitError(f"a timing cannot be negative, but got '{clip(str(value))}'.")
        return duration

    def write(self, value: Duration) -> float | str | None:
        return value.cycle if value.s is None else units.write(value.s, units.TIME)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        serialization = core_schema.plain_serializer_function_ser_schema(
            self.write, when_used="json-unless-none"
        )
        return core_schema.no_info_plain_validator_function(self.read, serialization=serialization)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "description": "a number of clock cycles, or a time with its unit, such as '3.9 us'",
            "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "examples": ["3.9 us"]}],
        }


Timing = Annotated[Duration, _TimingReader()]
