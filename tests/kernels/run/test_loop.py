"""The loop of conditions: one run per level, none twice, and an end."""

from types import SimpleNamespace
from typing import Any

import pytest

from bankside.kernels.run.heat import REFRESH_DOUBLES_C
from bankside.kernels.run.loop import Conditions, Settled, refresh_when_hot, settle


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
