"""The unit `nonlinear`: errors of methods in exact arithmetic and over formats, latency and cycles, by row."""

import math
from typing import Any

import pytest

from bankside.arch.pe.nonlinear import cordic
from bankside.arch.pe.nonlinear.elements import ELEMENTS
from bankside.arch.pe.nonlinear.method import METHODS
from bankside.arch.spec import ConfigError
from bankside.unit import nonlinear


def case(**cells: Any) -> dict[str, Any]:
    return nonlinear.run_case({name: str(value) for name, value in cells.items()})


EXP2 = {"function": "exp2", "low": 0, "high": 1}


def test_each_error_is_that_of_the_approximation_that_makes_it_least() -> None:
    lines = case(**EXP2, method="pwl", segments=16)
    assert list(lines) == ["max_abs_err", "max_rel_err", "latency_cycles", "cycles"]
    assert lines["max_abs_err"] == pytest.approx(2.29581e-4, rel=1e-4)
    assert lines["max_rel_err"] == pytest.approx(1.1729e-4, rel=1e-3)
    cubic = case(**EXP2, method="poly", degree=3)
    assert cubic["max_abs_err"] == pytest.approx(1.07034e-4, rel=1e-3)
    assert cubic["max_rel_err"] == pytest.approx(7.47814e-5, rel=1e-3)
    table = case(**EXP2, method="lut", entries=64)
    assert table["max_rel_err"] == pytest.approx(math.tanh(math.log(2) / 128), rel=1e-4)


def test_a_function_through_zero_has_no_relative_error_in_exact_arithmetic() -> None:
    assert case(function="tanh", method="pwl", low=-2, high=2)["max_rel_err"] is None
    assert case(function="tanh", method="pwl", low=0.5, high=2)["max_rel_err"] < 0.01
    assert case(function="gelu", method="pwl", format="fp16")["max_rel_err"] > 1


def test_ranges_beyond_the_reduced_one_are_reduced_for_polynomials_and_not_for_tables() -> None:
    wide = {"function": "exp", "low": -8, "high": 0}
    reduced = case(**wide, method="poly", degree=3)
    assert reduced["max_rel_err"] == pytest.approx(7.478e-5, rel=1e-3)
    assert reduced["latency_cycles"] == 3 + 6
    table = case(**wide, method="pwl", segments=16)
    assert table["max_abs_err"] == pytest.approx(0.5**2 / 16 * math.exp(-0.25), rel=0.02)
    assert table["latency_cycles"] == 3
    assert case(function="exp", low=-0.3, high=0.3, method="poly")["latency_cycles"] == 6
    assert case(function="rsqrt", low=1, high=64, method="poly", degree=4)["latency_cycles"] == 2 + 8


def test_cordic_by_iterations() -> None:
    half = {"function": "exp", "method": "cordic", "low": -0.6931, "high": 0.6931}
    for iterations in (6, 12, 17, 30):
        found = case(**half, iterations=iterations)
        assert found["max_rel_err"] == cordic.exp_error(iterations)
        assert found["latency_cycles"] == found["cycles"] == iterations
    assert case(**half, iterations=20, folded="true", elements=10)["cycles"] == 200
    assert case(**half, iterations=20, elements=10)["cycles"] == 29
    assert case(function="exp", method="cordic", low=-4, high=0)["latency_cycles"] == 3 + 16
    assert case(function="division", method="cordic", iterations=12)["max_abs_err"] <= 2.0**-12
    assert case(function="rope", method="cordic", iterations=12)["max_abs_err"] < 2.0**-10


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("function", ELEMENTS)
def test_every_function_by_every_method_with_and_without_a_format(function: str, method: str) -> None:
    ideal, real = (case(function=function, method=method, **more) for more in ({}, {"format": "bf16"}))
    assert 0 <= ideal["max_abs_err"] < 0.5
    assert real["max_abs_err"] > 0
    assert ideal["latency_cycles"] <= real["latency_cycles"]


def test_a_correctly_rounded_result_is_half_a_unit_of_the_last_place_off() -> None:
    for name, bits in (("fp16", 11), ("bf16", 8)):
        found = case(function="exp", method="exact", format=name)
        assert 0.95 * 2.0**-bits < found["max_rel_err"] <= 2.0**-bits
    assert case(function="exp", method="exact") | {"latency_cycles": 0, "cycles": 0} == {
        "max_abs_err": 0.0,
        "max_rel_err": 0.0,
        "latency_cycles": 0,
        "cycles": 0,
    }


def test_the_words_of_a_datapath_are_seen_in_its_error() -> None:
    errors = [
        case(function="exp2", method="poly", degree=4, format="fp16", precision="fixed", fraction=bits)[
            "max_rel_err"
        ]
        for bits in (6, 8, 10, 16)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 8 * errors[-1]
    cut = case(
        function="exp2", method="poly", format="fp16", precision="fixed", fraction=8, rounding="truncate"
    )
    near = case(function="exp2", method="poly", format="fp16", precision="fixed", fraction=8)
    assert cut["max_rel_err"] > near["max_rel_err"]


def test_cycles_of_many_elements() -> None:
    found = case(function="exp", method="pwl", format="fp16", lanes=16, elements=1000)
    assert found["latency_cycles"] == 6
    assert found["cycles"] == 62 + 6


def test_bad_cells_are_sentences() -> None:
    rows = [
        {"function": "exp", "method": "spline"},
        {"function": "exp", "method": "pwl", "segments": "0"},
        {"function": "exp", "method": "lut", "segments": "8"},
        {"function": "rsqrt", "method": "pwl", "low": "-1"},
        {"function": "exp", "method": "pwl", "low": "3", "high": "1"},
        {"function": "exp", "method": "pwl", "fraction": "12"},
        {"function": "exp", "method": "pwl", "format": "int8"},
        {"function": "exp", "method": "spline", "segments": "8"},
        {"function": "rope", "method": "poly", "high": "1e300"},
        {"function": "gelu", "method": "pwl", "low": "10", "format": "fp16"},
    ]
    with pytest.raises(ConfigError) as caught:
        nonlinear.run_cases(rows)
    assert caught.value.errors == [
        "Row 1: method must be one of exact, lut, pwl, poly, cordic, not 'spline'.",
        "Row 2: segments must be between 1 and 65536, not 0.",
        "Row 3: segments belongs to pwl, not to lut.",
        "Row 4: rsqrt needs arguments above zero; low is -1.",
        "Row 5: low must be below high, not 3 and 1.",
        "Row 6: fraction: without a format nothing is rounded; name one.",
        "Row 7: format must be one of fp32, fp16, bf16, not 'int8'.",
        "Row 8: method must be one of exact, lut, pwl, poly, cordic, not 'spline'.",
        "Row 9: high of rope must be within 1e+06 of zero, not 1e+300.",
        "Row 10: low and high: the table of gelu would span 10 to 4; give both.",
    ]
    with pytest.raises(ConfigError) as caught:
        case(function="exp", method="pwl", format="fp16", low=1e-9, high=2e-9)
    assert caught.value.errors == ["No value of fp16 lies between 1e-09 and 2e-09."]


@pytest.mark.parametrize(
    "cells",
    [
        {"function": "exp", "method": "pwl", "low": -1000, "high": 1000},
        {"function": "exp2", "method": "lut", "low": -1000, "high": 1000},
        {"function": "exp", "method": "cordic", "high": 1e300},
        {"function": "exp2", "method": "pwl", "spacing": "optimal", "low": 3, "high": math.nextafter(3, 4)},
        {"function": "silu", "method": "pwl", "format": "fp16", "low": -1e300, "high": 1e300},
    ],
)
def test_errors_that_float64_does_not_hold_are_told(cells: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        case(**cells)
    assert "leaves the range or the precision of float64" in caught.value.errors[0]


def test_one_interpolating_line_is_the_chord_and_one_interpolating_polynomial_is_not() -> None:
    chord = {"function": "exp2", "fit": "interpolating"}
    for line in ({"method": "pwl", "segments": 1}, {"method": "lut", "entries": 1}):
        found = case(**chord, **line)
        assert found["max_abs_err"] == pytest.approx(0.0860713, rel=1e-5)  # 2^f as 1 + f
        assert found["max_rel_err"] == pytest.approx(0.0614757, rel=1e-5)
    anchored = case(**chord, method="poly", degree=1)
    assert anchored["max_rel_err"] == pytest.approx(0.0382216, rel=1e-5)
