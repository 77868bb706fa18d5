"""The shape that a saved result must have before anything is said about it."""

import math
from collections.abc import Mapping
from typing import Any, Final

SCHEMA: Final = "bankside/result/1"
ENERGY_TOLERANCE: Final = 1e-9  # relative; parts are added in floating point

NUMBER: Final = (int, float)

SHAPE: Final[dict[str, Any]] = {
    "kernel": {"format": str},
    "machine": {"name": str, "placement": str, "tap": str},
    "time_s": NUMBER,
    "time_fs": int,
    "cycles": {"count": int, "clock_hz": NUMBER, "clock": str},
    "work": {"flops": NUMBER, "bytes_min": NUMBER, "intensity_flop_per_byte": NUMBER},
    "ops": list,
    "bound": {"time_s": NUMBER, "binding": str, "fraction": NUMBER},
    "cycle_stack": dict,
    "stack_fs": dict,
    "bandwidth": dict,
    "energy": {"total_j": NUMBER, "parts_j": dict},
    "power_w": NUMBER,
    "thermal": dict,
    "warnings": list,
}


def faults(data: Any) -> list[str]:
    """Everything in which `data` is not a result under the contract, one sentence each."""
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else None
        return [f"This is not a result of Bankside: its 'schema' is {found!r}, not '{SCHEMA}'."]
    return _shape_faults(data, SHAPE, "") or [
        *_mapping_faults(data),
        *_sum_faults(data),
    ]


def _shape_faults(data: Mapping[str, Any], shape: Mapping[str, Any], above: str) -> list[str]:
    found = []
    for name, expected in shape.items():
        path = f"{above}{name}"
        value = data.get(name)
        if name not in data:
            found.append(f"'{path}' is missing.")
        elif isinstance(expected, Mapping):
            if isinstance(value, dict):
                found += _shape_faults(value, expected, f"{path}.")
            else:
                found.append(f"'{path}' must be a block, not {value!r}.")
        elif not isinstance(value, expected) or isinstance(value, bool):
            found.append(f"'{path}' has the wrong kind of value: {value!r}.")
    return found


def _mapping_faults(data: Mapping[str, Any]) -> list[str]:
    found = []
    for path, amounts, kind in (
        ("cycle_stack", data["cycle_stack"], int),
        ("stack_fs", data["stack_fs"], int),
        ("energy.parts_j", data["energy"]["parts_j"], NUMBER),
    ):
        for name, amount in amounts.items():
            if not isinstance(amount, kind) or isinstance(amount, bool) or not amount >= 0:
                found.append(f"'{path}.{name}' must be a number of zero or more, not {amount!r}.")
    for level, figures in data["bandwidth"].items():
        if not isinstance(figures, dict) or not all(isinstance(n, NUMBER) for n in figures.values()):
            found.append(f"'bandwidth.{level}' must hold numbers only.")
    for operation in data["ops"]:
        wanted = {"label", "count", "time_s", "flops", "bytes", "binding"}
        if not isinstance(operation, dict) or not wanted <= operation.keys():
            found.append(f"'ops' holds an entry without {', '.join(sorted(wanted))}.")
    return found


def _sum_faults(data: Mapping[str, Any]) -> list[str]:
    found = []
    stack_cycles = sum(n for n in data["cycle_stack"].values() if isinstance(n, int))
    if stack_cycles != data["cycles"]["count"]:
        found.append(f"The cycle stack sums to {stack_cycles} cycles, not to {data['cycles']['count']}.")
    stack_fs = sum(n for n in data["stack_fs"].values() if isinstance(n, int))
    if stack_fs != data["time_fs"]:
        found.append(f"The stack in femtoseconds sums to {stack_fs}, not to {data['time_fs']}.")
    if not 0 < data["bound"]["fraction"] <= 1:
        found.append(f"The fraction of the lower bound is {data['bound']['fraction']}, outside (0, 1].")
    parts_j = math.fsum(n for n in data["energy"]["parts_j"].values() if isinstance(n, NUMBER))
    if not math.isclose(parts_j, data["energy"]["total_j"], rel_tol=ENERGY_TOLERANCE):
        found.append(f"The parts of energy sum to {parts_j} J, not to {data['energy']['total_j']} J.")
    return found
