"""Named timings of a device in clocks, and latencies (sums of names) in slots."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from bankside.arch.dram.device.sections import DeviceFields, Term

ROUNDING = Fraction(1, 1_000_000)
"""A time that exceeds a whole number of clocks by less than this share of a clock is that number: 3.9 us at
1 GHz is 3900 clocks although neither is an exact double."""


def clocks(spec: DeviceFields) -> dict[str, int]:
    """The timings of `spec` in whole clocks; times given with a unit are rounded up to the next clock."""
    return {name: clocks_of(spec, name) for name in spec.timings}


def clocks_of(spec: DeviceFields, name: str) -> int:
    """One timing of `spec` in whole clocks."""
    return ceil(Fraction(spec.timings[name].cycles(spec.clock)) - ROUNDING)


def term_names(term: Term) -> list[str]:
    """Names of timings that a term of a latency uses (`burst` is not one)."""
    names = (
        list(term) if isinstance(term, dict) else [term.removeprefix("-")] if isinstance(term, str) else []
    )
    return [name for name in names if name != "burst"]


def latency_slots(spec: DeviceFields, terms: Sequence[Term]) -> int:
    """Sum of `terms` in slots of the command clock, rounded up where a burst is no whole number of slots."""
    total = Fraction(0)
    for term in terms:
        if isinstance(term, int):
            total += term
        elif isinstance(term, dict):
            total += sum((_length(spec, name) * factor for name, factor in term.items()), Fraction(0))
        else:
            sign = -1 if term.startswith("-") else 1
            total += sign * _length(spec, term.removeprefix("-"))
    return ceil(total * spec.slots_per_ck)


def _length(spec: DeviceFields, name: str) -> Fraction:
    return Fraction(spec.burst.cycles if name == "burst" else clocks_of(spec, name))
