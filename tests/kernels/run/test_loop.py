"""The loop of conditions: one run per level, none twice, and an end."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Final

import pytest

from bankside.arch.machine.machine import FS_PER_S, load_machine
from bankside.arch.machine.throttle import FULL, LEAST
from bankside.arch.spec import ConfigError
from bankside.kernels.run.heat import REFRESH_DOUBLES_C
from bankside.kernels.run.loop import Conditions, Settled, refresh_when_hot, settle, throttle_to_limits
from bankside.kernels.run.outcome import Outcome


class Runs:
    """Runs whose DRAM is as hot as the multiplier says."""

    def __init__(self, *dram_c: float) -> None:
        self.dram_c = dram_c
        self.asked: list[Conditions] = []

    def __call__(self, conditions: Conditions) -> Settled:
        self.asked.append(conditions)
        warm: Any = SimpleNamespace(dram_c=self.dram_c[conditions.refresh_multiplier - 1])
        nothing: Any = None
        machine: Any = SimpleNamespace(spec=SimpleNamespace(power_limit=None))
        return Settled(conditions, machine, SimpleNamespace(time_fs=0), nothing, warm)  # type: ignore[arg-type]


def test_a_cool_run_is_run_once() -> None:
    runs = Runs(REFRESH_DOUBLES_C)
    assert settle(runs).conditions == Conditions(1)
    assert runs.asked == [Conditions(1)]


@pytest.mark.parametrize("after_c", [84.0, 86.0])
def test_a_hot_run_is_run_again_at_the_doubled_rate_and_stays_there(after_c: float) -> None:
    runs = Runs(85.1, after_c)
    done = settle(runs)
    assert runs.asked == [Conditions(1), Conditions(2)]
    assert done.conditions == Conditions(2) and done.warm.dram_c == after_c


def test_conditions_that_come_back_are_refused() -> None:
    def restless(run: Settled) -> Conditions:
        return Conditions(3 - run.conditions.refresh_multiplier)

    with pytest.raises(
        ArithmeticError, match=r"do not settle: Conditions\(refresh_multiplier=1, clock_step=256\)"
    ):
        settle(Runs(0.0, 0.0), (refresh_when_hot, restless))


def test_every_feedback_has_its_say() -> None:
    def twice(run: Settled) -> Conditions:
        return Conditions(2)

    assert settle(Runs(0.0, 0.0), (refresh_when_hot, twice)).conditions == Conditions(2)


class Clocked(Runs):
    """Runs that are cool up to a step of the clock."""

    def __init__(self, most: int) -> None:
        super().__init__(0.0)
        self.most = most

    def __call__(self, conditions: Conditions) -> Settled:
        done = super().__call__(conditions)
        done.warm.feasible = conditions.clock_step <= self.most  # type: ignore[misc]
        return done


@pytest.mark.parametrize("most", [FULL, FULL - 1, 177, LEAST, LEAST - 1])
def test_the_clock_falls_to_the_highest_step_that_is_cool_enough(most: int) -> None:
    runs = Clocked(most)
    assert throttle_to_limits(runs).conditions.clock_step == max(LEAST, min(most, FULL))
    assert len(runs.asked) <= 2 + 8
    assert len(set(runs.asked)) == len(runs.asked)


class Drawing(Runs):
    """Runs on a machine with a limit of power, whose draw is a function of the step of the clock."""

    def __init__(self, draw_w: Callable[[int], float], limit_w: float) -> None:
        super().__init__(0.0)
        self.draw_w = draw_w
        self.machine = load_machine("xpu-h100", [f"power_limit={limit_w} W"])

    def __call__(self, conditions: Conditions) -> Settled:
        done = super().__call__(conditions)
        power_w = self.draw_w(conditions.clock_step)
        books: Any = SimpleNamespace(
            total=SimpleNamespace(power_w=lambda time_s, duty: power_w), parts_j={"static": 0.0}
        )
        return replace(done, machine=self.machine, outcome=Outcome(time_fs=FS_PER_S), books=books)


DRAWS: Final[dict[str, Callable[[int], float]]] = {
    "straight": lambda step: 2.0 * step,
    "steeper the faster": lambda step: 150.0 + step**2 / 512,
    "flat where memory is waited for": lambda step: 3.0 * min(step, 170) + 0.01 * step,
    "flat where nothing is computed": lambda step: 200.0 + max(0, step - 150),
}


@pytest.mark.parametrize("limit_w", [90, 255, 400, 1000])
@pytest.mark.parametrize("draw", DRAWS)
def test_the_clock_falls_to_the_fastest_step_that_draws_no_more_than_the_limit(
    draw: str, limit_w: float
) -> None:
    runs = Drawing(DRAWS[draw], limit_w)
    holding = [step for step in range(LEAST, FULL + 1) if runs.draw_w(step) <= limit_w]
    if not holding:
        with pytest.raises(ConfigError, match="draws"):
            settle(runs)
        return
    done = settle(runs)
    assert done.conditions.clock_step == max(holding)
    assert len(set(runs.asked)) == len(runs.asked)


def test_a_limit_is_found_in_few_runs() -> None:
    runs = Drawing(DRAWS["steeper the faster"], 255)
    settle(runs)
    assert len(runs.asked) <= 5
