"""Reading configurations: strict YAML, typed specifications, all errors at once, the origin of each constant.

Importing this package is cheap; YAML and validation libraries come with the first name that needs them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bankside.arch.spec.errors import ConfigError, FieldError, FieldsError
from bankside.arch.spec.library import names, path_of

if TYPE_CHECKING:
    from bankside.arch.spec.base import Spec
    from bankside.arch.spec.digest import digest_of, digest_of_content
    from bankside.arch.spec.loading import Loaded, from_dict, from_text, load, unsourced
    from bankside.arch.spec.provenance import Source
    from bankside.arch.spec.quantity import (
        Area,
        AreaPerBit,
        AreaResistance,
        Bandwidth,
        Bits,
        Bytes,
        Capacitance,
        Count,
        Current,
        Energy,
        EnergyPerBit,
        EnergyPerBitLength,
        Frequency,
        HeatCapacity,
        HeatTransfer,
        Length,
        NonNegative,
        Power,
        PowerDensity,
        Quantity,
        Share,
        Temperature,
        TemperatureDifference,
        ThermalConductivity,
        ThermalResistance,
        Time,
        TimePerLength,
        Voltage,
    )
    from bankside.arch.spec.schema import json_schema
    from bankside.arch.spec.shape import Reference, Registered
    from bankside.arch.spec.timing import Duration, Timing

_HOME = {
    "base": ("Spec",),
    "digest": ("digest_of", "digest_of_content"),
    "loading": ("Loaded", "from_dict", "from_text", "load", "unsourced"),
    "provenance": ("Source",),
    "schema": ("json_schema",),
    "shape": ("Reference", "Registered"),
    "timing": ("Duration", "Timing"),
}
_MODULE = {name: module for module, names_there in _HOME.items() for name in names_there}

__all__ = [
    "Area",
    "AreaPerBit",
    "AreaResistance",
    "Bandwidth",
    "Bits",
    "Bytes",
    "Capacitance",
    "ConfigError",
    "Count",
    "Current",
    "Duration",
    "Energy",
    "EnergyPerBit",
    "EnergyPerBitLength",
    "FieldError",
    "FieldsError",
    "Frequency",
    "HeatCapacity",
    "HeatTransfer",
    "Length",
    "Loaded",
    "NonNegative",
    "Power",
    "PowerDensity",
    "Quantity",
    "Reference",
    "Registered",
    "Share",
    "Source",
    "Spec",
    "Temperature",
    "TemperatureDifference",
    "ThermalConductivity",
    "ThermalResistance",
    "Time",
    "TimePerLength",
    "Timing",
    "Voltage",
    "digest_of",
    "digest_of_content",
    "from_dict",
    "from_text",
    "json_schema",
    "load",
    "names",
    "path_of",
    "unsourced",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'bankside.arch.spec' has no attribute {name!r}")
    return getattr(import_module(f"bankside.arch.spec.{_MODULE.get(name, 'quantity')}"), name)
