"""`--throttle` against what a user finds by hand, with `--set clock_share=...`, and voltages against their curve."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.throttle import FULL, LEAST
from bankside.arch.technology.process import load_process

MACHINES = ("attacc-bank", "attacc-buffer", "base-die", "hybrid-3d")
SMALL = ("gemv", "--m", "2048", "--k", "4096")
SHOWN = ("gemv", "--model", "llama-3-70b", "--op", "mlp.down_proj")
Runs = Callable[..., Any]


def by_hand(parsed: Runs, kernel: Sequence[str], machine: str, cooler: str) -> Any:
    """The run at the highest step of the clock that is feasible; at the lowest where none is."""

    def at(step: int) -> Any:
        share = f"clock_share={step / FULL}"
        return parsed("run", *kernel, "--machine", machine, "--set", cooler, "--set", share, "--json", "-")

    best, low, high = at(LEAST), LEAST, FULL + 1
    while best["thermal"]["feasible"] and high - low > 1:
        middle = (low + high) // 2
        tried = at(middle)
        if tried["thermal"]["feasible"]:
            best, low = tried, middle
        else:
            high = middle
    return best


def check(parsed: Runs, kernel: Sequence[str], cooler: str) -> list[float]:
    """Compare all machines; their shares of the clock."""
    machines = ",".join(MACHINES)
    found = parsed("compare", *kernel, "--machines", machines, "--set", cooler, "--throttle", "--json", "-")
    for name, run in zip(MACHINES, found, strict=True):
        hand = by_hand(parsed, kernel, name, cooler)
        for key in ("time_fs", "power_w", "energy", "cycles"):
            assert run[key] == hand[key], name
        assert run["power_limit"]["clock_share"] == hand["power_limit"]["clock_share"]
        assert run["thermal"]["peak_c"] == hand["thermal"]["peak_c"]
    return [run["power_limit"]["clock_share"] for run in found]
