"""Our values for claims about bit-serial and sparse processing elements."""

import csv
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

from bankside.arch.pe.bit_serial.published import ELEMENTS
from bankside.unit import bit_serial

BITMOD: Final = Path(__file__).parents[1] / "bitmod"


def serial(quantity: str, **case: Any) -> float:
    """A column of the unit bit-serial."""
    return float(bit_serial.run_case(case)[quantity])


@cache
def _bitmod() -> dict[tuple[str, str], tuple[int, int | None]]:
    """Our cycles and, where there are, the published ones by model and case."""
    found: dict[tuple[str, str], tuple[int, int | None]] = {}
    for name in ("cycles", "others"):
        with (BITMOD / f"{name}.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                published = row.pop("published_cycles", None)
                ours = bit_serial.run_case(row)["cycles"]
                found[row["model"], row["case"]] = ours, int(published) if published else None
    return found


def bitmod_equal_rows() -> int:
    """Published cycle counts that we give exactly."""
    return sum(ours == published for ours, published in _bitmod().values())


def bitmod_speedup(prompt: str, token: str, generated: int, over: str = "fp16") -> float:
    """Mean over models of another accelerator's cycles over BitMoD's, of a prompt and tokens after it.

    Parameters
    ----------
    prompt, token
        BitMoD's weights of either, as bm6.
    over
        The other one: fp16, ant, olive.
    """
    models = dict.fromkeys(model for model, _ in _bitmod())

    def cycles(model: str, one: str, each: str) -> int:
        return _bitmod()[model, f"{one} pre"][0] + generated * _bitmod()[model, f"{each} gen"][0]

    gains = [Fraction(cycles(model, over, over), cycles(model, prompt, token)) for model in models]
    return float(sum(gains) / len(gains))


def element(name: str, quantity: str) -> float:
    """A column of the table of elements at 28 nm, by scheme: area_um2, or energy_pj of a cycle."""
    return float(getattr(ELEMENTS[name], quantity))


def product_pj(name: str, cycles: int, products: int) -> float:
    """Energy of a product of an element that takes `cycles` for `products` [pJ]."""
    return ELEMENTS[name].energy_pj * cycles / products
