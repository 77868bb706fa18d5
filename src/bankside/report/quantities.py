"""Numbers as people read them: three significant digits, an SI prefix, a unit."""

import math
from typing import Final

_PREFIXES: Final = (
    (1e18, "E"),
    (1e15, "P"),
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "u"),
    (1e-9, "n"),
    (1e-12, "p"),
    (1e-15, "f"),
)


def digits(value: float, significant: int = 3) -> str:
    """`value` in plain decimals with `significant` digits: 0.0123, 1.23, 12.3, 123, 1234."""
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    rounded = round(value, significant - 1 - magnitude)
    magnitude = math.floor(math.log10(abs(rounded)))
    return f"{rounded:.{max(0, significant - 1 - magnitude)}f}"


def si(value: float | None, unit: str, significant: int = 3) -> str:
    """`value` [unit] with an SI prefix, such as "12.3 us"; "-" where there is no value."""
    if value is None:
        return "-"
    if value == 0 or not math.isfinite(value):
        return f"{digits(value)} {unit}".rstrip()
    for factor, prefix in _PREFIXES:
        text = digits(value / factor, significant)
        if abs(float(text)) >= 1:
            return f"{text} {prefix}{unit}".rstrip()
    factor, prefix = _PREFIXES[-1]
    return f"{value / factor:.{significant - 1}g} {prefix}{unit}"


def percent(fraction: float | None) -> str:
    """A fraction as per cent, "-" where there is none; a small share is never shown as zero."""
    if fraction is None:
        return "-"
    share = 100.0 * fraction
    if 0 < share < 0.1:
        return "<0.1 %"
    if 99.95 <= share < 100:
        return ">99.9 %"
    return f"{share:.0f} %" if share >= 9.95 else f"{share:.1f} %"


def ratio(value: float) -> str:
    """A factor, such as "3.10 x"."""
    return f"{digits(value)} x"


def count(value: int, noun: str, plural: str | None = None) -> str:
    """ "1 row", "3 rows": a whole number with its noun."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"
