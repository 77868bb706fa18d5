"""The special-function unit by the contract of units."""

from typing import Any

import numpy as np
import pytest
from tests.oracles.softmax_units import walk

from bankside.arch.pe.nonlinear.functions import FUNCTIONS
from bankside.arch.pe.nonlinear.method import METHODS, MethodSpec, interval_cycle, latency_cycle
from bankside.arch.pe.nonlinear.softmax.units import SOFTMAX_UNITS
from bankside.arch.pe.nonlinear.unit import SpecialFunctions
from bankside.arch.pe.unit import FILL, SOFTMAX_STEP, WORK
from bankside.arch.technology.process import load_process

UNIT = SpecialFunctions(method="pwl", lanes=16)
TILES = np.array([[3, 1], [40, 7], [1, 1]], dtype=np.int64)


def unit(**options: Any) -> SpecialFunctions:
    return SpecialFunctions(**{"method": "exact", "lanes": 16, **options})


@pytest.mark.parametrize("method", METHODS)
def test_rows_pass_as_often_as_their_function_needs(method: str) -> None:
    of = unit(method=method, iterations=12, folded=True) if method == "cordic" else unit(method=method)
    pace = interval_cycle("exp", of.specs)
    exp, reciprocal = (latency_cycle(name, of.specs) for name in ("exp", "reciprocal"))
    assert pace == (12 if method == "cordic" else 1)
    for i, (rows, cols) in enumerate(TILES[:2].T.tolist()):
        step = -(-cols // 16)
        softmax = walk(rows, [step * pace] * 2, [exp - pace + 4 + reciprocal], exp - pace + 1)
        assert of.cycles(TILES, work="softmax").interval[i] == softmax
        norm = walk(rows, [step] * 2, [1 + 4 + latency_cycle("rsqrt", of.specs)], 2)
        assert of.cycles(TILES, work="rmsnorm").interval[i] == norm
        assert of.cycles(TILES, work="layernorm").interval[i] == norm
        silu = of.cycles(TILES, work="silu")
        latency, every = latency_cycle("silu", of.specs), interval_cycle("silu", of.specs)
        assert silu.interval[i] == (-(-rows * cols // 16) - 1) * every + latency
        assert silu.each[i, FILL] == latency - every


def test_latencies_by_method() -> None:
    each = {
        "lut": unit(method="lut"),
        "pwl": unit(method="pwl"),
        "poly": unit(method="poly", degree=4),
        "cordic": unit(method="cordic", iterations=12),
        "exact": unit(),
    }
    assert [latency_cycle("exp", of.specs) - 3 for of in each.values()] == [1, 3, 8, 12, 10]
    assert latency_cycle("exp2", each["pwl"].specs) == 5
    assert latency_cycle("gelu", each["pwl"].specs) == 3
    assert latency_cycle("silu", each["poly"].specs) == (3 + 8) + (2 + 8) + 3
    assert latency_cycle("rsqrt", each["cordic"].specs) == 2 + 24
    assert latency_cycle("exp", unit(method="pwl", spacing="optimal").specs) == 7


def test_a_function_may_have_a_method_of_its_own() -> None:
    of = unit(exp=MethodSpec(method="cordic", iterations=20, folded=True))
    assert of.specs["exp"].method == "cordic"
    assert of.specs["reciprocal"].method == "exact"
    assert of.cycles(TILES, work="softmax").interval[0] > 2 * 3 * 3 * 20
    assert (
        of.cycles(TILES, work="rmsnorm").interval.tolist()
        == unit().cycles(TILES, work="rmsnorm").interval.tolist()
    )


def test_a_method_of_its_own_holds_for_what_a_function_is_made_of() -> None:
    of = unit(method="pwl", gelu=MethodSpec(method="poly", degree=5))
    assert of.latency("gelu") == (3 + 10) + (2 + 10) + 6
    assert of.latency("exp") == 6
    n7 = load_process("n7")
    less = unit(method="pwl", gelu=MethodSpec(method="poly", degree=2))
    assert less.prices(n7, "bf16")["gelu"].count_j < of.prices(n7, "bf16")["gelu"].count_j


@pytest.mark.parametrize(
    ("softmax", "per_row"),
    [
        ("three-pass", 3 * 4),
        ("recomputed", 4 * 4),
        ("online", 2 * 4),
        ("softermax", 2 * 4),
        ("ita", 4 + 1),
        ("sole", 8),
        ("consmax", 4),
    ],
)
def test_softmax_units_pass_over_a_row(softmax: str, per_row: int) -> None:
    costs = unit(softmax=softmax).cycles(np.array([[500], [64], [1]]), work="softmax")
    assert costs.interval[0] - costs.each[0, FILL] == 500 * per_row
    assert costs.each[0, FILL] < (30 if softmax == "recomputed" else 20)  # a division is two of them in a row


@pytest.mark.parametrize(
    ("softmax", "per_row"),
    [
        ("three-pass", 4 + 5 + 4 + 8),
        ("recomputed", 4 + 5 + 8),
        ("online", 4 + 5 + 8),
        ("softermax", 4 + 8),
        ("ita", 4),
        ("sole", 12),
        ("consmax", 4),
    ],
)
def test_softmax_units_step_between_tiles_of_attention(softmax: str, per_row: int) -> None:
    costs = unit(softmax=softmax).cycles(np.array([[32], [64], [128]]), work=SOFTMAX_STEP)
    assert costs.interval[0] - costs.each[0, FILL] == 32 * per_row
    assert unit(softmax=softmax).cycles(
        np.array([[0], [64], [128]]), work=SOFTMAX_STEP
    ).interval.tolist() == [0]


def test_the_product_of_a_gate_hides_behind_its_activation() -> None:
    gated, plain = (UNIT.cycles(TILES, work=work) for work in ("swiglu", "silu"))
    assert (gated.each == plain.each).all()
    assert UNIT.cycles(TILES, work="gather").interval.tolist() == [8, 1]
    assert not UNIT.can("product")


def test_rotations_read_their_sines_or_evaluate_them() -> None:
    read, made = unit(), unit(rope=MethodSpec(method="cordic", iterations=16))
    assert read.cycles(TILES, work="rope").interval.tolist() == [7 + 2, 1 + 1]
    assert made.cycles(TILES, work="rope").interval.tolist() == [7 + 2 + 18, 1 + 1 + 18]
    assert read.events(TILES, work="rope") == {"lane_op": 254}
    assert made.events(TILES, work="rope") == {"lane_op": 254, "rope": 127}


def test_evaluations_are_counted_by_function() -> None:
    assert UNIT.events(TILES, work="softmax") == {
        "softmax": 127,
        "exp": 254,
        "lane_op": 635,
        "reciprocal": 4,
    }
    assert UNIT.operations({"softmax": 5, "exp": 5, "lane_op": 15}) == 20
    assert unit(softmax="ita").operations({"softmax": 5}) == 5
    assert unit(softmax="three-pass").events(TILES, work="softmax")["exp"] == 127
    tile = np.array([[3], [40], [64]], dtype=np.int64)
    assert UNIT.events(tile, work=SOFTMAX_STEP) == {
        "softmax": 120,
        "exp": 3 * 41,
        "lane_op": 3 * (3 * 40 + 64),
    }
    assert unit(softmax="ita").events(tile, work=SOFTMAX_STEP) == {"softmax": 120}
    assert unit(softmax="sole").events(tile, work=SOFTMAX_STEP) == {"softmax": 120, "lane_op": 192}
    assert UNIT.events(TILES, work="layernorm") == {"rsqrt": 4, "lane_op": 762}
    assert UNIT.events(TILES, work="geglu") == {"gelu": 127}
    assert UNIT.events(TILES, work="relu2") == {"lane_op": 127}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("softmax", SOFTMAX_UNITS)
def test_all_that_is_counted_has_a_price(function: str, softmax: str) -> None:
    of = unit(softmax=softmax)
    assert of.events(TILES, work=function).keys() <= of.prices(load_process("n7"), "bf16").keys()


def test_the_lane_of_a_process_is_the_anchor_of_others() -> None:
    n5 = load_process("n5")
    assert UNIT.area_m2(n5, ("bf16",)) == pytest.approx(16 * n5.nonlinear.area)
    exp = {
        name: of.prices(n5, "bf16")["exp"].count_j
        for name, of in {
            "pwl": UNIT,
            "narrow": unit(method="pwl", precision="fixed", fraction=12),
            "poly": unit(method="poly"),
            "more": unit(method="poly", degree=5),
            "exact": unit(),
        }.items()
    }
    assert exp["pwl"] == pytest.approx(n5.nonlinear.energy)
    assert exp["narrow"] < exp["pwl"] < exp["poly"] < exp["more"] < exp["exact"] * 1.001
    folded = unit(method="cordic", iterations=24, folded=True).area_m2(n5, ())
    assert folded < unit(method="cordic", iterations=24).area_m2(n5, ()) / 5
    assert unit(method="pwl", gelu=MethodSpec(method="lut")).area_m2(n5, ()) > UNIT.area_m2(n5, ())
    silu = [
        unit(method="pwl", silu=MethodSpec(method="cordic", iterations=24, folded=folds)).area_m2(n5, ())
        for folds in (True, False)
    ]
    assert silu[0] < 0.8 * silu[1]


def test_published_ratios_of_softmax_units_are_approached() -> None:
    """Softermax 0.10 and 0.39 of the energy of an fp16 unit (Stevens et al., DAC 2021): shown, baseline unknown."""
    n7 = load_process("n7")
    fp16 = unit(method="poly", precision="fp16")
    events = fp16.events(TILES, work="softmax")
    whole = sum(fp16.prices(n7, "fp16")[name].count_j * count for name, count in events.items()) / 127
    ours = unit(softmax="softermax").prices(n7, "fp16")["softmax"].count_j
    assert 0.02 < ours / whole < 0.39


def test_a_selective_step_takes_an_exp_and_five_operations_of_every_element() -> None:
    of, tiles = unit(lanes=8), np.array([[4], [6], [1]], dtype=np.int64)
    exp = int(of.cycles(tiles, work="exp").each[0, 0])
    assert exp == 3
    assert of.cycles(tiles, work="selective_step").each[0, 0] == exp + 5 * 24 // 8
    assert of.events(tiles, work="selective_step") == {"lane_op": 5 * 24, "exp": 24}


@pytest.mark.parametrize("name", ["relu2", "softplus", "sqrtsoftplus"])
def test_functions_like_another_are_known(name: str) -> None:
    assert UNIT.can(name)


def test_options_of_other_methods_are_refused() -> None:
    said = list(unit(method="pwl", entries=64, exp=MethodSpec(method="lut", low=0.0)).faults(()))
    assert said == [
        "entries belongs to lut, not to pwl.",
        "exp.low: the range of exp is reduced to that of its table.",
    ]
    assert list(unit(method="pwl", fraction=8).faults(())) == [
        "fraction belongs to fixed-point datapaths (precision: fixed), not to fp32."
    ]
    assert list(unit(method="lut", low=2.0, high=-2.0).faults(())) == [
        "low must be below high, not 2 and -2."
    ]
    gelu = MethodSpec(method="pwl", high=-5.0)
    assert list(unit(method="lut", low=5.0, gelu=gelu).faults(())) == [
        "low and high: the table of tanh would span 5 to 4; give both.",
        "gelu.low and high: the table of gelu would span -4 to -5; give both.",
    ]


def test_what_only_compares_and_adds_goes_at_the_pace_of_its_own_lanes() -> None:
    unit = SpecialFunctions(method="exact", lanes=16, adders=128)
    step = unit.cycles(np.array([[128], [128], [128]], dtype=np.int64), work=SOFTMAX_STEP)
    assert step.each[0, WORK] == 128 * (1 + 9 + 1)  # maxima, 129 exponentials, the output rescaled
    added = unit.cycles(np.array([[8], [128], [2]], dtype=np.int64), work="add")
    assert added.each[0, WORK] == 8
