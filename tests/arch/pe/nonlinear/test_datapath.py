"""Datapaths against exact fractions, one argument at a time."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.oracles import nonlinear_datapath as oracle

from bankside.arch.pe.nonlinear.datapath import LOG2E, cordic_bits, evaluate, pieces_of
from bankside.arch.pe.nonlinear.elements import ELEMENTS
from bankside.arch.pe.nonlinear.method import MethodSpec
from bankside.arch.pe.nonlinear.rounding import FLOATS, every

ROUNDS = {
    "fp32": oracle.to_float(24, -126),
    "fp16": oracle.to_float(11, -14),
    "bf16": oracle.to_float(8, -126),
    "nearest": oracle.to_fixed(14, True),
    "truncate": oracle.to_fixed(14, False),
}
TABLES: list[dict[str, Any]] = [
    {"method": "lut", "entries": 32},
    {"method": "lut", "entries": 32, "fit": "interpolating"},
    {"method": "pwl", "segments": 12},
    {"method": "pwl", "segments": 8, "spacing": "optimal"},
    {"method": "poly", "degree": 4},
]


def options(rounding: str) -> dict[str, Any]:
    if rounding in FLOATS:
        return {"precision": rounding}
    return {"precision": "fixed", "fraction": 14, "rounding": rounding}


def exactly(values: Any) -> list[Fraction]:
    return [Fraction(float(each)) for each in values]


@pytest.mark.parametrize("rounding", ROUNDS)
@pytest.mark.parametrize("table", TABLES, ids=lambda each: "-".join(map(str, each.values())))
def test_exp_equals_fractions(table: dict[str, Any], rounding: str) -> None:
    of = MethodSpec(**table, **options(rounding))
    pieces = pieces_of("exp2", of)
    x = np.random.default_rng(1).choice(every("fp16", -12.0, 3.0), 60)
    rows = [exactly(row) for row in pieces.coefficients]
    ends = exactly(pieces.bounds)
    expected = [oracle.exp(each, Fraction(LOG2E), ends, rows, ROUNDS[rounding]) for each in exactly(x)]
    assert exactly(evaluate("exp", {"exp": of}, x)) == expected


def test_the_fraction_of_a_small_argument_is_rounded_to_the_word() -> None:
    of = MethodSpec(method="poly", degree=4, precision="bf16")
    small = np.array([-(2.0**-20)])
    assert evaluate("exp2", {"exp2": of}, small) == evaluate("exp2", {"exp2": of}, np.array([-(2.0**-30)]))
    parts = dict.fromkeys(("tanh", "exp", "reciprocal"), of)
    assert abs(evaluate("tanh", parts, np.array([2.0**-100]))[0]) <= 2.0**-6


@pytest.mark.parametrize("rounding", ["bf16", "truncate"])
@pytest.mark.parametrize("name", ["tanh", "gelu"])
def test_tables_that_are_not_reduced_equal_fractions_and_end_in_what_holds_beyond(
    name: str, rounding: str
) -> None:
    of = MethodSpec(method="pwl", segments=16, low=-3.0, high=3.0, **options(rounding))
    pieces = pieces_of(name, of)
    x = np.random.default_rng(2).choice(every("bf16", -3.0, 3.0), 60)
    x = x[np.abs(x) > 2.0**-8]  # which a fixed-point word holds
    rows, ends = [exactly(row) for row in pieces.coefficients], exactly(pieces.bounds)
    rounded = ROUNDS[rounding]
    expected = [oracle.horner(rounded(each), ends, rows, rounded) for each in exactly(x)]
    assert exactly(evaluate(name, {name: of}, x)) == expected
    beyond = evaluate(name, {name: of}, np.array([-50.0, 50.0]))
    assert beyond.tolist() == ([-1.0, 1.0] if name == "tanh" else [0.0, 50.0])


def test_cordic_equals_words() -> None:
    of = MethodSpec(method="cordic", iterations=15, fraction=18)
    bits = cordic_bits(of)
    assert bits == 18 + 4
    x = np.array([-0.5, -3.25, 1.75, 0.0])
    shifts = (1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 13)
    gain = np.prod([np.sqrt(1 - 4.0**-s) for s in shifts])
    whole = np.floor(x * LOG2E)
    expected = [
        oracle.cordic_exp(Fraction(float(z)), shifts, float(gain), bits) * Fraction(2) ** int(n)
        for z, n in zip(x - whole * np.log(2.0), whole, strict=True)
    ]
    assert exactly(evaluate("exp", {"exp": of}, x)) == expected


BOUNDS = {"lut": 3.2e-2, "pwl": 5e-3, "poly": 3e-3, "cordic": 7e-5, "exact": 1e-15}
OPTIONS = {"pwl": {"segments": 64}, "poly": {"degree": 4}}


@pytest.mark.parametrize("method", BOUNDS)
@pytest.mark.parametrize("name", ELEMENTS)
def test_every_function_by_every_method_is_the_function(name: str, method: str) -> None:
    of = MethodSpec(method=method, **OPTIONS.get(method, {}))  # type: ignore[arg-type]
    low, high = {"rsqrt": (0.1, 9.0), "reciprocal": (0.1, 9.0), "division": (0.1, 9.0)}.get(name, (-7.0, 7.0))
    x = np.linspace(low, high, 4001)
    apart = evaluate(name, dict.fromkeys((name, "exp", "reciprocal"), of), x) - ELEMENTS[name].value(x)
    size = np.maximum(1.0, np.abs(ELEMENTS[name].value(x)))
    bound = max(BOUNDS[method], 5e-4 if name == "gelu" and method not in ("exact", "lut", "pwl") else 0.0)
    assert np.abs(apart / size).max() < bound


def test_signs_zeros_and_wide_arguments() -> None:
    of = MethodSpec(method="pwl")
    specs = dict.fromkeys(ELEMENTS, of)
    assert evaluate("exp", specs, np.array([-1e30, 1e30])).tolist() == [0.0, np.inf]
    assert evaluate("reciprocal", specs, np.array([0.0, -2.0]))[0] == np.inf
    assert evaluate("reciprocal", specs, np.array([-2.0]))[0] == pytest.approx(-0.5, rel=1e-3)
    assert np.isnan(evaluate("rsqrt", specs, np.array([-1.0]))[0])
    assert evaluate("rsqrt", specs, np.zeros(1))[0] == np.inf
