"""Our values for claims about bit-serial and sparse processing elements."""

import csv
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

from bankside.arch.pe.bit_serial.published import ELEMENTS
from bankside.unit import bit_serial

CYCLES: Final = Path(__file__).parent / "bitmod" / "cycles.csv"


def serial(quantity: str, **case: Any) -> float:
    """A column of the unit bit-serial."""
    return float(bit_serial.run_case(case)[quantity])


@cache
def _bitmod() -> dict[tuple[str, str], tuple[int, int]]:
    """Our cycles and the published ones by model and case."""
    with CYCLES.open(newline="") as file:
        return {
            (row["model"], row["case"]): (bit_serial.run_case(row)["cycles"], int(row["published_cycles"]))
            for row in csv.DictReader(file)
        }


def bitmod_equal_rows() -> int:
    """Published cycle counts that we give exactly."""
    return sum(ours == published for ours, published in _bitmod().values())


def bitmod_speedup(prompt: str, token: str, generated: int) -> float:
    """Mean over models of the cycles with fp16 weights over those with others, of a prompt and tokens after it.

    Parameters
    ----------
    prompt, token
        Weights of either, as bm6.
    """
    models = dict.fromkeys(model for model, _ in _bitmod())

    def cycles(model: str, one: str, each: str) -> int:
        return _bitmod()[model, f"{one} pre"][0] + generated * _bitmod()[model, f"{each} gen"][0]

    gains = [Fraction(cycles(model, "fp16", "fp16"), cycles(model, prompt, token)) for model in models]
    return float(sum(gains) / len(gains))


def element(name: str, quantity: str) -> float:
    """A column of the table of elements at 28 nm, by scheme: area_um2, or energy_pj of a cycle."""
    return float(getattr(ELEMENTS[name], quantity))


def product_pj(name: str, cycles: int, products: int) -> float:
    """Energy of a product of an element that takes `cycles` for `products` [pJ]."""
    return ELEMENTS[name].energy_pj * cycles / products
