"""Unit `nonlinear`: error, latency and cycles of a function of one element by a method.

Without a format the method itself is looked at, in exact arithmetic: tables, and polynomials that need no range
reduction, span low .. high, and each error is that of the approximation that makes it least. With a format the unit is
looked at as it stands in a core: the range is reduced, every step rounded, and the error is the largest over all values
of the format between low and high.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from bankside.arch.pe.nonlinear import cordic
from bankside.arch.pe.nonlinear.accuracy import ALL, USUAL, Error, error
from bankside.arch.pe.nonlinear.datapath import evaluate
from bankside.arch.pe.nonlinear.elements import ELEMENTS, LN2
from bankside.arch.pe.nonlinear.fit.ideal import largest_error
from bankside.arch.pe.nonlinear.fit.pieces import Request
from bankside.arch.pe.nonlinear.method import (
    METHODS,
    OWN,
    PRECISIONS,
    MethodSpec,
    interval_cycle,
    latency_cycle,
)
from bankside.arch.pe.nonlinear.rounding import FLOATS
from bankside.cases.reader import Case, Reader, of_one, readers, refuse

COLUMNS: Final = {
    "function": f"one of {', '.join(ELEMENTS)}",
    "method": f"one of {', '.join(METHODS)}",
    "segments": "pwl: lines (default 16)",
    "entries": "lut: values of the table (default 256)",
    "degree": "poly: degree (default 3)",
    "iterations": "cordic: iterations, repetitions counted (default 16)",
    "fit": "best: each piece by itself (default), or interpolating: pieces that meet on the function",
    "low": "least argument (default the low end of the range that the function is reduced to, or of its table; with a "
    "format the least that kernels give). Given, the table of a function that is not reduced begins there",
    "high": "largest argument; the same of its end",
    "format": "fp16, bf16 or fp32: bit-accurate, over every value (of fp32 2^18); none: exact arithmetic",
    "spacing": "segments uniform (default) or optimal: of equal error",
    "folded": "cordic: one stage for all iterations",
    "precision": "number format of the datapath, with a format: fp32 (default), fp16, bf16, fixed or real",
    "fraction": "bits of fraction of a fixed-point datapath or a cordic (default 24)",
    "rounding": "of a fixed-point datapath: nearest (default) or truncate",
    "lanes": "lanes of the unit (default 1)",
    "elements": "elements of the case, for its cycles (default 1)",
}

EDGE: Final = 1e300
WIDEST_TURN: Final = 1e6
"""Radians up to which float64 tells quadrants to 1e-10."""
SAMPLES: Final = 1 << 14
WHOLE: Final = {"segments": 65536, "entries": 65536, "degree": 12, "iterations": 48}
DATAPATH: Final = ("precision", "fraction", "rounding")


def run_cases(rows: Sequence[Case]) -> list[dict[str, Any]]:
    """Result columns of many cases, in order.

    Returns
    -------
    list of dict
        max_abs_err; max_rel_err, None where the function has a zero between low and high (of a format: over results
        that are normal numbers); latency_cycles of one element; cycles of all [cycle].
    """
    errors: list[str] = []
    found = readers(rows, errors)
    cases = [_read(reader) for reader in found]
    refuse(errors)
    results = []
    for reader, case in zip(found, cases, strict=True):
        try:
            with np.errstate(all="ignore"):
                result = _run(**case)
        except ValueError as error:
            reader.complain(str(error), "format")
            continue
        results.append(result)
        if not all(math.isfinite(each) for each in result.values() if each is not None):
            reader.complain(
                f"{case['name']} by {case['of'].method} from {case['low']:g} to {case['high']:g} leaves the range or "
                "the precision of float64, in which errors are found; bring low and high closer, or further apart.",
                "low",
            )
    refuse(errors)
    return results


run_case = of_one(run_cases)


def _read(read: Reader) -> dict[str, Any]:
    name = read.choice("function", tuple(ELEMENTS))
    options: dict[str, Any] = {"method": read.choice("method", METHODS)}
    given = [column for column in COLUMNS if read.text(column)]
    for option, most in WHOLE.items():
        if option in given:
            options[option] = read.whole(option, 1, most)
    for option, words in (("fit", ("best", "interpolating")), ("spacing", ("uniform", "optimal"))):
        if option in given:
            options[option] = read.choice(option, words)
    if "folded" in given:
        options["folded"] = read.flag("folded", False)
    format_ = read.choice("format", tuple(FLOATS)) if "format" in given else ""
    if format_ or options["method"] == "cordic":
        if "precision" in given:
            options["precision"] = read.choice("precision", PRECISIONS)
        if "fraction" in given:
            options["fraction"] = read.whole("fraction", 4, 24)
        if "rounding" in given:
            options["rounding"] = read.choice("rounding", ("nearest", "truncate"))
    elif named := [option for option in DATAPATH if option in given]:
        read.complain(f"{', '.join(named)}: without a format nothing is rounded; name one.", named[0])
    element = ELEMENTS[name]
    usual = USUAL.get(name, ALL) if format_ else (element.low, element.high)
    low, high = read.real("low", -EDGE, EDGE, usual[0]), read.real("high", -EDGE, EDGE, usual[1])
    if format_ and not element.reduced and options["method"] in OWN["low"]:
        options |= {column: value for column, value in (("low", low), ("high", high)) if column in given}
    case = {
        "name": name,
        "of": MethodSpec(**options),
        "low": low,
        "high": high,
        "format_": format_,
        "lanes": read.whole("lanes", 1, 1_000_000, 1),
        "elements": read.whole("elements", 1, 1 << 40, 1),
    }
    _complain(read, case)
    return case


def _complain(read: Reader, case: dict[str, Any]) -> None:
    """Cells that do not go together."""
    name, low, high = case["name"], case["low"], case["high"]
    if read.text("method").lower() in METHODS:
        for sentence in (*case["of"].method_faults(), *case["of"].table_faults((name,))):
            read.complain(sentence)
    if low >= high:
        read.complain(f"low must be below high, not {low:g} and {high:g}.", "low")
    least = {"reciprocal": "zero", "division": "zero", "rsqrt": "zero"}
    if name in least and not low > 0:
        read.complain(f"{name} needs arguments above zero; low is {low:g}.", "low")
    for end in ("low", "high"):
        if name == "rope" and abs(case[end]) > WIDEST_TURN:
            read.complain(f"{end} of rope must be within {WIDEST_TURN:g} of zero, not {case[end]:g}.", end)


def _run(
    name: str, of: MethodSpec, low: float, high: float, format_: str, lanes: int, elements: int
) -> dict[str, Any]:
    specs = {name: of, **dict.fromkeys(ELEMENTS[name].parts, of)}
    direct = not format_ and _direct(name, of, low, high)
    if format_:
        found = error(name, tuple(specs.items()), format_, low, high)
    elif of.method == "exact":
        found = Error(0.0, 0.0)
    elif of.method == "cordic":
        found = _of_cordic(name, of, low, high)
    elif direct:
        found = _of_fits(name, of, low, high)
    else:
        found = _sampled(name, of, low, high)
    latency = of.stages(name) if direct else latency_cycle(name, specs)
    pace = interval_cycle(name, specs)
    return {
        "max_abs_err": found.max_abs,
        "max_rel_err": found.max_rel,
        "latency_cycles": latency,
        "cycles": (-(-elements // lanes) - 1) * pace + latency,
    }


def _direct(name: str, of: MethodSpec, low: float, high: float) -> bool:
    """Whether the method works on low .. high as it is: tables always, others where no range has to be reduced."""
    element = ELEMENTS[name]
    if of.method == "cordic" and name in ("exp", "exp2"):
        scale = LN2 if name == "exp2" else 1.0
        return max(abs(low), abs(high)) * scale <= cordic.reach("hyperbolic", of.iterations)
    if of.method == "cordic" and element.parts:
        return False
    slack = 1e-9 * (element.high - element.low)
    if name in ("exp", "exp2"):
        inside = high - low <= element.high - element.low + slack
    else:
        inside = low >= element.low - slack and high <= element.high + slack
    return of.method in ("lut", "pwl") or not element.reduced or inside


def _of_fits(name: str, of: MethodSpec, low: float, high: float) -> Error:
    """Each error of the approximation that makes it least."""
    values = np.asarray(ELEMENTS[name].value(np.linspace(low, high, SAMPLES)))
    asked = (name, low, high, of.pieces, of.order, of.kind, of.spacing)
    crosses = values.min() <= 0.0 <= values.max()
    relative = None if crosses else largest_error(Request(*asked, relative=True))
    return Error(largest_error(Request(*asked)), relative)


def _of_cordic(name: str, of: MethodSpec, low: float, high: float) -> Error:
    """Of exponentials the bound e^rest - 1, which arguments up to ln 2 reach; of others the largest of samples."""
    if name in ("exp", "exp2"):
        relative = cordic.exp_error(of.iterations)
        return Error(relative * float(ELEMENTS[name].value(high)), relative)
    return _sampled(name, of, low, high)


def _sampled(name: str, of: MethodSpec, low: float, high: float) -> Error:
    """Over evenly spaced arguments, with the range reduced and nothing rounded."""
    real = of.model_copy(update={"precision": "real"})
    x = np.linspace(low, high, SAMPLES)
    true = np.asarray(ELEMENTS[name].value(x), dtype=np.float64)
    apart = np.abs(evaluate(name, dict.fromkeys((name, *ELEMENTS[name].parts), real), x) - true)
    crosses = true.min() <= 0.0 <= true.max()
    return Error(float(apart.max()), None if crosses else float((apart / np.abs(true)).max()))
