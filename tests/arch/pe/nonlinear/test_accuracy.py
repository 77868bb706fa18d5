"""Errors over every value of a format, and what a run states of its unit."""

import numpy as np
import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.pe.nonlinear.accuracy import error, softmax_error
from bankside.arch.pe.nonlinear.method import MethodSpec
from bankside.arch.pe.nonlinear.unit import SpecialFunctions
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

PWL = (("exp", MethodSpec(method="pwl", segments=16)), ("reciprocal", MethodSpec(method="pwl", segments=16)))


def test_an_error_is_the_largest_of_numpys() -> None:
    x = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    with np.errstate(invalid="ignore"):
        x = x[(x >= -4) & (x <= 0)].astype(np.float64)
    low, high = np.exp2(np.arange(4) / 4), np.exp2(np.arange(1, 5) / 4)
    table = 2 * low * high / (low + high)
    scaled = x * np.log2(np.e)
    ours = table[np.minimum(3, (4 * (scaled % 1)).astype(int))] * np.exp2(np.floor(scaled))
    worst = (np.abs(ours - np.exp(x)) / np.exp(x)).max()
    found = error("exp", (("exp", MethodSpec(method="lut", entries=4)),), "fp16", -4.0, 0.0)
    assert found.max_rel == pytest.approx(worst, rel=0.02)  # results in fp16


def test_ranges_without_values_or_results_are_told() -> None:
    exact = (("exp", MethodSpec(method="exact")),)
    with pytest.raises(ValueError, match="No value of fp16 lies between 1e-09 and 2e-09"):
        error("exp", exact, "fp16", 1e-9, 2e-9)
    with pytest.raises(ValueError, match="exp has no finite result in fp16 between 100 and 200"):
        error("exp", exact, "fp16", 100.0, 200.0)
    assert error("exp", exact, "fp16", -1e3, -20.0).max_rel is None


def test_softmax_units_are_held_to_float64_on_stated_rows() -> None:
    found = {name: softmax_error(name, PWL, 16).max_abs for name in ("online", "sole", "softermax", "ita")}
    assert found["online"] < 2e-4 < min(found["softermax"], found["sole"], found["ita"])
    assert (
        max(found["softermax"], found["ita"]) < 0.07 < found["sole"] < 0.2
    )  # codes of SOLE are rounded down


def test_a_unit_states_what_was_counted() -> None:
    unit = SpecialFunctions(method="pwl", lanes=16)
    stated = unit.numerics({"exp": 1, "reciprocal": 1, "lane_op": 1, "softmax": 1}, "int8")
    assert list(stated) == ["exp", "reciprocal", "softmax"]
    assert stated["exp"].format == "bf16"
    assert stated["exp"].over == "every value from -1000 to 0"
    assert stated["exp"].max_rel_err == error("exp", PWL[:1], "bf16", -1e3, 0.0).max_rel
    assert unit.numerics({"lane_op": 3}, "fp16") == {}


def test_a_run_follows_from_the_method_that_its_machine_names() -> None:
    kernel = build("softmax", rows=64, cols=512)
    results = [
        simulate(kernel, load_machine("base-die", [f"cores.pe.nonlinear.exp={{{text}}}"])).to_dict()
        for text in (
            "method: pwl, segments: 16",
            "method: pwl, segments: 64",
            "method: cordic, iterations: 20, folded: true",
        )
    ]
    errors = [of["numerics"]["pe.nonlinear"]["exp"]["max_rel_err"] for of in results]
    energies = [of["energy"]["parts_j"]["nonlinear"] for of in results]
    areas = [of["area_mm2"]["pe.nonlinear"] for of in results]
    assert errors[0] > errors[1]
    assert energies[0] < energies[1]
    assert areas[0] < areas[1]
    assert results[2]["stack_fs"]["nonlinear"] > 10 * results[0]["stack_fs"]["nonlinear"]
    ita = simulate(kernel, load_machine("base-die", ["cores.pe.nonlinear.softmax=ita"])).to_dict()
    assert list(ita["numerics"]["pe.nonlinear"]) == ["softmax"]
    assert ita["events"]["pe.nonlinear"] == {"softmax": 64 * 512}
    assert ita["stack_fs"]["nonlinear"] < results[0]["stack_fs"]["nonlinear"]
