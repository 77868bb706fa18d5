"""Machines of different sizes by what they get done with one unit of something, and what of their time is the device's.

The time of a run is told apart by causes: launches, ways of data between memory and host, what waits for the others or
for a mode of the memory, and the rest, which is the device's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bankside.report.measures import Result

FS_PER_S: Final = 1e15

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "launch": ("launch",),
    "transfers": ("link_serial", "link_latency"),
    "waits": ("sync", "pim_mode"),
}
"""Causes that are not the device's at work."""


@dataclass(frozen=True)
class SizeUnit:
    """What is divided by: how much of it a machine has, how much of that a unit is, its symbol, which is meant."""

    of: Callable[[Result], float | None]
    scale: float
    symbol: str
    told: str


UNITS: Final[Mapping[str, SizeUnit]] = {
    "machine": SizeUnit(lambda result: 1.0, 1.0, "machine", "each at its own size"),
    "stack": SizeUnit(
        lambda result: result["machine"]["stacks"],
        1.0,
        "stack",
        "or rank, module, chip, as each machine counts",
    ),
    "GBps": SizeUnit(
        lambda result: result["placement"].get("pins_Bps"), 1e9, "GB/s", "at the pins of its memory"
    ),
    "GB": SizeUnit(lambda result: result["machine"]["capacity_bytes"], 1e9, "GB", "of memory"),
    "W": SizeUnit(lambda result: result["power_w"], 1.0, "W", "while it runs"),
    "mm2": SizeUnit(lambda result: result["machine"]["dies_mm2"], 1.0, "mm2", "of all dies"),
}


def parts_fs(result: Result) -> dict[str, int]:
    """Time of each group of causes, and of the device, which is the rest [fs]."""
    stack: Mapping[str, int] = result["stack_fs"]
    found = {group: sum(stack.get(cause, 0) for cause in causes) for group, causes in GROUPS.items()}
    return found | {"device": sum(stack.values()) - sum(found.values())}


def per_unit(result: Result, name: str) -> dict[str, Any]:
    """Figures of one result for each unit, as JSON has them.

    Returns
    -------
    dict
        unit; amount: how much of it the machine has; runs_per_s: of the kernel, for each unit [1/s]; device_runs_per_s:
        the same without launches, transfers and waits, null where nothing is left; launch_s, transfers_s, waits_s,
        device_s: parts of the time [s].

    Raises
    ------
    ValueError
        If the machine has none of it.
    """
    unit = UNITS[name]
    found = unit.of(result)
    if not found:
        raise ValueError(
            f"{result['machine']['name']} has no {unit.symbol} {unit.told}: --per {name} divides by it."
        )
    amount, time_s = float(found) / unit.scale, float(result["time_s"])
    parts = {f"{part}_s": fs / FS_PER_S for part, fs in parts_fs(result).items()}
    device_s = parts["device_s"]
    return {
        "unit": name,
        "amount": amount,
        "runs_per_s": 1 / time_s / amount,
        "device_runs_per_s": 1 / device_s / amount if device_s > 0 else None,
        **parts,
    }
