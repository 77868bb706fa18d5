"""The shape that a saved result must have before anything is said about it."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

SCHEMA: Final = "bankside/result/1"
ENERGY_TOLERANCE: Final = 1e-9  # relative; parts are added in floating point

Test: TypeAlias = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _number(value: Any) -> bool:
    return _count(value) or (isinstance(value, float) and math.isfinite(value))


def _amount(value: Any) -> bool:
    return _number(value) and value >= 0


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _all(test: Test) -> Test:
    return lambda value: isinstance(value, dict) and all(test(each) for each in value.values())


def _list(test: Test) -> Test:
    return lambda value: isinstance(value, list) and all(test(each) for each in value)


OPERATION: Final = {
    "label": _text,
    "count": _count,
    "time_s": _amount,
    "flops": _amount,
    "bytes": _amount,
    "binding": _text,
}


def _operation(value: Any) -> bool:
    return isinstance(value, dict) and all(test(value.get(name)) for name, test in OPERATION.items())


def _mapping(value: Any) -> bool:
    """Operators by name, where a mapping lists any."""
    listed = value.get("operators", []) if isinstance(value, dict) else None
    return isinstance(listed, list) and all(isinstance(of, dict) for of in listed)


SHAPE: Final[Mapping[str, Any]] = {
    "kernel": {"format": _text},
    "machine": {"name": _text, "placement": _text, "tap": _text},
    "time_s": _amount,
    "time_fs": _count,
    "cycles": {"count": _count, "clock_hz": _amount, "clock": _text},
    "work": {"flops": _amount, "bytes_min": _amount, "intensity_flop_per_byte": _amount},
    "ops": _list(_operation),
    "bound": {"time_s": _amount, "binding": _text, "fraction": _amount},
    "cycle_stack": _all(_count),
    "stack_fs": _all(_count),
    "bandwidth": _all(_all(_amount)),
    "energy": {"total_j": _amount, "parts_j": _all(_amount), "boundary": _text},
    "power_w": _amount,
    "thermal": {
        "peak_c": _all(_number),
        "density_w_per_mm2": {"max": _amount, "block": _text},
        "refresh_multiplier": _amount,
        "feasible": _truth,
    },
    "mapping": _mapping,
    "warnings": _list(_text),
}

OPTIONAL: Final[Mapping[str, Any]] = {
    "tokens_per_s": _amount,
    "busy": _all(_all(_amount)),
    "placement": _all(_number),
}
"""What a result need not have: a rate of other kernels than decode steps, figures that older ones lack."""


def faults(data: Any) -> list[str]:
    """Everything in which `data` is not a result under the contract, one sentence each."""
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else None
        return [f"This is not a result of Bankside: its 'schema' is {found!r}, not '{SCHEMA}'."]
    given = {name: test for name, test in OPTIONAL.items() if name in data}
    return _shape_faults(data, {**SHAPE, **given}, "") or _sum_faults(data)


def _shape_faults(data: Mapping[str, Any], shape: Mapping[str, Any], above: str) -> list[str]:
    found = []
    for name, expected in shape.items():
        value = data.get(name)
        if name not in data:
            found.append(f"'{above}{name}' is missing.")
        elif not isinstance(expected, Mapping):
            if not expected(value):
                shown = repr(value) if len(repr(value)) < 60 else f"{repr(value)[:57]}..."
                found.append(f"'{above}{name}' has a wrong value: {shown}.")
        elif isinstance(value, dict):
            found += _shape_faults(value, expected, f"{above}{name}.")
        else:
            found.append(f"'{above}{name}' must be a block, not {value!r}.")
    return found


def _sum_faults(data: Mapping[str, Any]) -> list[str]:
    found = []
    stack_cycles = sum(data["cycle_stack"].values())
    if stack_cycles != data["cycles"]["count"]:
        found.append(f"The cycle stack sums to {stack_cycles} cycles, not to {data['cycles']['count']}.")
    stack_fs = sum(data["stack_fs"].values())
    if stack_fs != data["time_fs"]:
        found.append(f"The stack in femtoseconds sums to {stack_fs}, not to {data['time_fs']}.")
    if not 0 < data["bound"]["fraction"] <= 1:
        found.append(f"The fraction of the lower bound is {data['bound']['fraction']}, outside (0, 1].")
    parts_j = math.fsum(data["energy"]["parts_j"].values())
    if not math.isclose(parts_j, data["energy"]["total_j"], rel_tol=ENERGY_TOLERANCE):
        found.append(f"The parts of energy sum to {parts_j} J, not to {data['energy']['total_j']} J.")
    return found
