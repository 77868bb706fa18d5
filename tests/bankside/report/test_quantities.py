import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.report.quantities import count, digits, percent, ratio, si

PREFIX = {
    "E": 1e18,
    "P": 1e15,
    "T": 1e12,
    "G": 1e9,
    "M": 1e6,
    "k": 1e3,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1.00"),
        (12.345, "12.3"),
        (999.6, "1000"),
        (0.012345, "0.0123"),
        (-4.0, "-4.00"),
        (1234, "1230"),
    ],
)
def test_three_significant_digits(value: float, text: str) -> None:
    assert digits(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12.345e-6, "s", "12.3 us"),
        (999.9e-9, "s", "1.00 us"),
        (3.35e12, "B/s", "3.35 TB/s"),
        (0.0, "J", "0 J"),
        (None, "J", "-"),
        (1.0, "W", "1.00 W"),
        (math.inf, "s", "inf s"),
        (2.5e-16, "J", "0.25 fJ"),
    ],
)
def test_prefixes(value: float | None, unit: str, text: str) -> None:
    assert si(value, unit) == text


@given(st.floats(min_value=1e-12, max_value=1e19))
def test_the_text_is_the_value_within_its_digits(value: float) -> None:
    number, unit = si(value, "B").split(" ")
    assert float(number) * PREFIX.get(unit[:-1], 1.0) == pytest.approx(value, rel=5.1e-3)
    assert 1 <= float(number) < 1000 or unit == "EB"


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (None, "-"),
        (0, "0.0 %"),
        (0.0001, "<0.1 %"),
        (0.0512, "5.1 %"),
        (0.604, "60 %"),
        (0.9999, ">99.9 %"),
        (1, "100 %"),
    ],
)
def test_percent_never_rounds_to_nothing_or_to_all(fraction: float | None, text: str) -> None:
    assert percent(fraction) == text


def test_words() -> None:
    assert ratio(3.1) == "3.10 x"
    assert count(1, "row") == "1 row"
    assert count(1200, "die") == "1,200 dies"
