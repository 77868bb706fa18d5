"""Field types of specifications: text with a unit in the file, SI numbers in Python."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from bankside.arch import units
from bankside.arch.spec.errors import clip
from bankside.arch.spec.node import describe
from bankside.arch.units import Dimension


@dataclass(frozen=True)
class Quantity:
    """Reads a quantity of `dimension`; `zero` allows 0, `negative` allows below; `whole` gives an int.

    least, most: bounds as they would be written, so that times in femtoseconds stay within 64 bits.
    """

    dimension: Dimension
    zero: bool = False
    negative: bool = False
    whole: bool = False
    least: str | None = None
    most: str | None = None

    def read(self, text: Any) -> float | int:
        if not isinstance(text, str | int | float) or isinstance(text, bool):
            raise units.UnitError(f"{units.expectation(self.dimension)}, but got {describe(text)}.")
        value = units.parse(text, self.dimension)
        if value < 0 and not self.negative:
            raise units.UnitError(f"{self.named} cannot be negative, but got '{clip(str(text))}'.")
        if value == 0 and not self.zero:
            raise units.UnitError(f"{self.named} must be above zero, but got '{clip(str(text))}'.")
        if self.least is not None and value < units.parse(self.least, self.dimension):
            raise units.UnitError(f"{self.named} is at least {self.least}, but got '{clip(str(text))}'.")
        if self.most is not None and value > units.parse(self.most, self.dimension):
            raise units.UnitError(f"{self.named} is at most {self.most}, but got '{clip(str(text))}'.")
        if not self.whole:
            return value
        if value != int(value) or abs(value) >= 2**63:
            raise units.UnitError(
                f"'{clip(str(text))}' is not a whole number of {self.dimension.unit} below 2^63."
            )
        return int(value)

    @property
    def named(self) -> str:
        """The dimension with its article."""
        name = self.dimension.name
        return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"

    def write(self, value: float | int) -> str:
        return units.write(value, self.dimension)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        serialization = core_schema.plain_serializer_function_ser_schema(
            self.write, when_used="json-unless-none"
        )
        return core_schema.no_info_plain_validator_function(self.read, serialization=serialization)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "description": f"{self.named} with its unit, such as '{self.dimension.example}'",
            "examples": [self.dimension.example],
            "pattern": r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*[^\d\s].*$",
        }


Time = Annotated[float, Quantity(units.TIME, zero=True, most="1 s")]
Frequency = Annotated[float, Quantity(units.FREQUENCY, least="1 MHz", most="1 THz")]
Bytes = Annotated[int, Quantity(units.BYTES, whole=True)]
Bits = Annotated[int, Quantity(units.BITS, whole=True)]
Bandwidth = Annotated[float, Quantity(units.BANDWIDTH, least="1 MB/s")]
Energy = Annotated[float, Quantity(units.ENERGY, zero=True)]
EnergyPerBit = Annotated[float, Quantity(units.ENERGY_PER_BIT, zero=True)]
EnergyPerBitLength = Annotated[float, Quantity(units.ENERGY_PER_BIT_LENGTH, zero=True)]
Power = Annotated[float, Quantity(units.POWER, zero=True)]
PowerDensity = Annotated[float, Quantity(units.POWER_DENSITY, zero=True)]
Area = Annotated[float, Quantity(units.AREA)]
AreaPerBit = Annotated[float, Quantity(units.AREA_PER_BIT)]
Length = Annotated[float, Quantity(units.LENGTH)]
TimePerLength = Annotated[float, Quantity(units.TIME_PER_LENGTH, zero=True)]
Temperature = Annotated[float, Quantity(units.TEMPERATURE)]
TemperatureDifference = Annotated[float, Quantity(units.TEMPERATURE_DIFFERENCE, zero=True, negative=True)]
ThermalConductivity = Annotated[float, Quantity(units.THERMAL_CONDUCTIVITY)]
HeatCapacity = Annotated[float, Quantity(units.HEAT_CAPACITY)]
HeatTransfer = Annotated[float, Quantity(units.HEAT_TRANSFER)]
ThermalResistance = Annotated[float, Quantity(units.THERMAL_RESISTANCE, zero=True)]
AreaResistance = Annotated[float, Quantity(units.AREA_RESISTANCE, zero=True)]
Voltage = Annotated[float, Quantity(units.VOLTAGE)]
Current = Annotated[float, Quantity(units.CURRENT, zero=True)]
Capacitance = Annotated[float, Quantity(units.CAPACITANCE)]

Count = Annotated[int, Field(gt=0)]
NonNegative = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
