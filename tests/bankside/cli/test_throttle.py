"""`--throttle` against what a user finds by hand, with `--set clock_share=...`, and voltages against their curve."""

import json
import math
from collections.abc import Sequence
from typing import Any

import pytest
from typer.testing import CliRunner

from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.throttle import FULL, LEAST
from bankside.arch.technology.process import load_process
from bankside.cli.app import app

WARM = "cooler={heat_transfer: 6e3 W/m2/K, ambient: 50 degC}"
BARE = "cooler={heat_transfer: 2e3 W/m2/K, ambient: 45 degC}"
SMALL = ("gemv", "--m", "2048", "--k", "4096")
SHOWN = ("gemv", "--model", "llama-3-70b", "--op", "mlp.down_proj")


def results(*words: str) -> Any:
    """What a command on shipped machines prints as JSON."""
    outcome = CliRunner().invoke(app, [*words, "--json", "-"])
    assert outcome.exit_code == 0, outcome.stderr
    return json.loads(outcome.stdout)


def at(kernel: Sequence[str], machine: str, cooler: str, step: int) -> Any:
    share = f"clock_share={step / FULL}"
    return results("run", *kernel, "--machine", machine, "--set", cooler, "--set", share)


def by_hand(kernel: Sequence[str], machine: str, cooler: str) -> Any:
    """The run at the highest step of the clock that is feasible; at the lowest where none is."""
    best, low, high = at(kernel, machine, cooler, LEAST), LEAST, FULL + 1
    while best["thermal"]["feasible"] and high - low > 1:
        middle = (low + high) // 2
        tried = at(kernel, machine, cooler, middle)
        if tried["thermal"]["feasible"]:
            best, low = tried, middle
        else:
            high = middle
    return best


def check(kernel: Sequence[str], cooler: str, *machines: str) -> dict[str, float]:
    """Compare all machines; their shares of the clock."""
    names = ",".join(machines)
    found = results("compare", *kernel, "--machines", names, "--set", cooler, "--throttle")
    for name, run in zip(machines, found, strict=True):
        hand = by_hand(kernel, name, cooler)
        for key in ("time_fs", "power_w", "cycles", "energy", "power_limit", "thermal"):
            assert run[key] == hand[key], (name, key)
    return {name: run["power_limit"]["clock_share"] * FULL for name, run in zip(machines, found, strict=True)}


def test_throttle_finds_what_a_bisection_by_hand_finds() -> None:
    warm = check(SMALL, WARM, "attacc-bank", "base-die")
    bare = check(SMALL, BARE, "attacc-buffer", "hybrid-3d")
    assert warm.pop("attacc-bank") == FULL  # which is cool enough: it waits for launches
    assert all(LEAST < step < FULL for step in (warm | bare).values())


@pytest.mark.slow  # 30 s
@pytest.mark.parametrize("cooler", ["cooler=air", WARM, BARE])
def test_throttle_and_hand_agree_on_a_layer_of_a_large_model(cooler: str) -> None:
    check(SHOWN, cooler, "attacc-bank", "attacc-buffer", "base-die", "hybrid-3d")


def test_the_voltage_of_a_slower_clock_is_that_of_the_curve_of_the_process() -> None:
    """Energy of a multiplication goes with V^2, and the clock with (V - Vt)^a / V (alpha-power law)."""
    curve = load_process(next(die.process for die in load_machine("base-die").spec.dies)).clock.supply
    full, slow = (at(SMALL, "base-die", "cooler=liquid", step) for step in (FULL, 200))
    parts = [run["energy"]["parts_j"]["mac"] for run in (full, slow)]
    volt = math.sqrt(parts[1] / parts[0])
    assert curve.least < volt < 1.0
    speed = [(v - curve.threshold) ** curve.exponent / v for v in (volt, 1.0)]
    assert speed[0] / speed[1] == pytest.approx(200 / FULL, rel=1e-6)
