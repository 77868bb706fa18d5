"""Quantities written with their unit ("3.9 us", "0.44 pJ/bit") become SI numbers, at the YAML border only.

A unit is a product of symbols with prefixes and powers; its value is an exact fraction, so the result is the
double nearest to what was written. bit and B (byte, 8 bit) are kept apart, and so are k (1000) and Ki (1024).
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

Powers = tuple[int, ...]

BASE = ("s", "m", "K", "J", "bit", "A", "cycle")
DECIMAL = {
    "f": -15,
    "p": -12,
    "n": -9,
    "u": -6,
    "µ": -6,
    "μ": -6,
    "m": -3,
    "c": -2,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
}
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50}

# symbol: factor, powers of the base units, prefixes allowed (d decimal, b binary)
SYMBOLS: dict[str, tuple[int, dict[str, int], str]] = {
    "s": (1, {"s": 1}, "d"),
    "min": (60, {"s": 1}, ""),
    "h": (3600, {"s": 1}, ""),
    "day": (86400, {"s": 1}, ""),
    "year": (31557600, {"s": 1}, ""),
    "Hz": (1, {"s": -1}, "d"),
    "m": (1, {"m": 1}, "d"),
    "K": (1, {"K": 1}, "d"),
    "degC": (1, {"K": 1}, ""),
    "°C": (1, {"K": 1}, ""),
    "J": (1, {"J": 1}, "d"),
    "W": (1, {"J": 1, "s": -1}, "d"),
    "bit": (1, {"bit": 1}, "db"),
    "bits": (1, {"bit": 1}, "db"),
    "B": (8, {"bit": 1}, "db"),
    "byte": (8, {"bit": 1}, "db"),
    "bytes": (8, {"bit": 1}, "db"),
    "A": (1, {"A": 1}, "d"),
    "V": (1, {"J": 1, "s": -1, "A": -1}, "d"),
    "F": (1, {"A": 2, "s": 2, "J": -1}, "d"),
    "cycle": (1, {"cycle": 1}, ""),
    "cycles": (1, {"cycle": 1}, ""),
}

_QUANTITY = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(.*)", re.DOTALL)
_ATOM = re.compile(r"([A-Za-zµμ°]+)(?:\^?(-?[1-4])|([²³]))?")
_CELSIUS_ZERO = Fraction(27315, 100)


class UnitError(ValueError):
    """A text that is not a quantity of the dimension asked for; the message is a full sentence."""


@dataclass(frozen=True)
class Dimension:
    """A kind of quantity: its name, its SI unit (that of the numbers that come out), an example."""

    name: str
    unit: str
    example: str
    absolute_temperature: bool = False


TIME = Dimension("time", "s", "3.9 us")
FREQUENCY = Dimension("frequency", "Hz", "1.6 GHz")
BYTES = Dimension("size", "B", "2 KiB")
BITS = Dimension("number of bits", "bit", "256 bit")
BANDWIDTH = Dimension("bandwidth", "B/s", "64 GB/s")
ENERGY = Dimension("energy", "J", "901 pJ")
ENERGY_PER_BIT = Dimension("energy per bit", "J/bit", "0.44 pJ/bit")
ENERGY_PER_BIT_LENGTH = Dimension("energy per bit and length", "J/bit/m", "0.1 pJ/bit/mm")
POWER = Dimension("power", "W", "2.5 W")
POWER_DENSITY = Dimension("power density", "W/m2", "0.1 W/mm2")
AREA = Dimension("area", "m2", "100 mm2")
AREA_PER_BIT = Dimension("area per bit", "m2/bit", "0.03 um2/bit")
LENGTH = Dimension("length", "m", "50 um")
TIME_PER_LENGTH = Dimension("delay per length", "s/m", "90 ps/mm")
TEMPERATURE = Dimension("temperature", "K", "85 degC", absolute_temperature=True)
TEMPERATURE_DIFFERENCE = Dimension("temperature difference", "K", "10 K")
THERMAL_CONDUCTIVITY = Dimension("thermal conductivity", "W/m/K", "120 W/m/K")
HEAT_CAPACITY = Dimension("volumetric heat capacity", "J/m3/K", "1.63e6 J/m3/K")
HEAT_TRANSFER = Dimension("heat transfer coefficient", "W/m2/K", "2e4 W/m2/K")
THERMAL_RESISTANCE = Dimension("thermal resistance", "K/W", "0.25 K/W")
AREA_RESISTANCE = Dimension("thermal resistance of an area", "m2 K/W", "10 mm2 K/W")
VOLTAGE = Dimension("voltage", "V", "1.1 V")
CURRENT = Dimension("current", "A", "65 mA")
CAPACITANCE = Dimension("capacitance", "F", "20 fF")


def parse(text: str | int | float, dimension: Dimension) -> float:
    """The quantity `text` in the SI unit of `dimension`, as the nearest double.

    Raises
    ------
    UnitError
        When the text is no number with a unit (a plain number has none), the unit is unknown or of another
        dimension, or the value does not fit a double.
    """
    expected = expectation(dimension)
    if not isinstance(text, str):
        raise UnitError(f"{expected}, but {text!r} has no unit.")
    shown = text if len(text) <= 60 else text[:57] + "..."
    match = _QUANTITY.fullmatch(text.strip()) if len(text) <= 100 else None
    if match is None:
        raise UnitError(f"{expected}, but '{shown}' is not a number followed by a unit.")
    number, unit = match.groups()
    if not unit:
        raise UnitError(f"{expected}, but '{shown}' has no unit.")
    try:
        factor, powers = _unit(unit)
    except UnitError as error:
        raise UnitError(f"{expected}, but in '{shown}' {error}") from None
    si_factor, si_powers = _unit(dimension.unit)
    if powers != si_powers:
        raise UnitError(f"{expected}, but '{unit}' in '{shown}' is not a unit of {dimension.name}.")
    exact = Fraction(number) * factor / si_factor
    if dimension.absolute_temperature and unit in ("degC", "°C"):
        exact += _CELSIUS_ZERO
    return _nearest_double(exact, f"{expected}, but '{shown}'")


def expectation(dimension: Dimension) -> str:
    """Begin of a sentence that refuses a text."""
    article = "an" if dimension.name[0] in "aeiou" else "a"
    return f"expected {article} {dimension.name} such as '{dimension.example}'"


def write(value: float, dimension: Dimension) -> str:
    """`value` with the SI unit of `dimension`; `parse` gives the same double back."""
    return f"{value!r} {dimension.unit}"


def _nearest_double(exact: Fraction, subject: str) -> float:
    try:
        value = float(exact)
    except OverflowError:
        raise UnitError(f"{subject} is too large for a double.") from None
    if value == 0.0 and exact != 0:
        raise UnitError(f"{subject} is too small for a double.")
    return value


@lru_cache(maxsize=1024)
def _unit(unit: str) -> tuple[Fraction, Powers]:
    """Factor and base powers of a unit. Whatever follows the first '/' divides, as in W/m K and W/(m K)."""
    factor, powers, sign, end = Fraction(1), [0] * len(BASE), 1, 0
    for match in _ATOM.finditer(unit):
        between = unit[end : match.start()]
        end = match.end()
        if between.strip(" */.·()") or between.count("/") > 1:
            raise UnitError(f"'{unit}' is not a unit.")
        if "/" in between:
            sign = -1
        symbol, digit, superscript = match.groups()
        power = sign * int(digit or {"²": 2, "³": 3, None: 1}[superscript])
        # nobody divides by millikelvin: W/mK is W/(m K)
        for one in ("m", "K") if symbol == "mK" and sign < 0 else (symbol,):
            one_factor, one_powers = _atom(one)
            factor *= one_factor**power
            for index, name in enumerate(BASE):
                powers[index] += power * one_powers.get(name, 0)
    if end == 0 or unit[end:].strip(" )") or unit.count("(") != unit.count(")"):
        raise UnitError(f"'{unit}' is not a unit.")
    return factor, tuple(powers)


def _atom(symbol: str) -> tuple[Fraction, dict[str, int]]:
    if symbol in SYMBOLS:
        factor, powers, _ = SYMBOLS[symbol]
        return Fraction(factor), powers
    for length in (1, 2):
        prefix, rest = symbol[:length], symbol[length:]
        factor, powers, prefixes = SYMBOLS.get(rest, (0, {}, ""))
        if prefix in DECIMAL and "d" in prefixes:
            return factor * Fraction(10) ** DECIMAL[prefix], powers
        if prefix in BINARY and "b" in prefixes:
            return Fraction(factor * 2 ** BINARY[prefix]), powers
    raise UnitError(f"'{symbol}' is not a unit{_hint(symbol)}.")


def _hint(symbol: str) -> str:
    """What was probably meant by an unknown symbol, as the end of a sentence."""
    if re.fullmatch(r"K(B|bit|byte|bits|bytes)", symbol):
        return f" (write k{symbol[1:]} for 1000 or Ki{symbol[1:]} for 1024)"
    if re.fullmatch(r"([kKMGTP]i?)?b", symbol):
        return f" (write {symbol[:-1]}bit for bits or {symbol[:-1]}B for bytes)"
    if symbol in ("C", "°", "deg", "celsius", "Celsius"):
        return " (write degC)"
    known = [prefix + name for name in SYMBOLS for prefix in ("", *DECIMAL, *BINARY)]
    near = [name for name in known if name.lower() == symbol.lower()] or [
        name
        for name in SYMBOLS
        if symbol.lower() in (f"{name.lower()}ec", f"{name.lower()}econd", f"{name.lower()}s")
    ]
    return f" (did you mean {near[0]}?)" if near else ""
