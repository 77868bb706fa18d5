from collections.abc import Callable, Hashable

import numpy as np
import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.throttle import throttled
from bankside.kernels.catalog.catalog import build
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.phase import lower_phase
from bankside.kernels.mapping.plan import plan


@pytest.mark.parametrize("name", ["aim", "attacc-bg", "hbm-pim", "base-die", "npu-pim"])
@pytest.mark.parametrize("fold", [True, False])
def test_what_equal_parts_share_is_what_each_would_make(
    name: str, fold: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = load_machine(name)
    work = build("layer", model="gpt2", context=100)
    (phase,), (steps,) = work.phases, plan(machine, work).phases
    shared = lower_phase(machine, phase.operators, steps, fold)

    asked: list[Hashable] = []

    def apart(_: Lowering, key: Hashable, make: Callable[[], object], lasts: bool = False) -> object:
        asked.append(key)
        return make()

    monkeypatch.setattr(Lowering, "once", apart)
    alone = lower_phase(machine, phase.operators, steps, fold)
    assert len(set(asked)) < len(asked) and not shared.state.shared
    for array in ("op", "work", "start", "dep"):
        assert np.array_equal(getattr(shared.program, array), getattr(alone.program, array))
    assert shared.state.traffic == alone.state.traffic
    assert shared.state.unit_events == alone.state.unit_events
    assert {k: v.tolist() for k, v in shared.state.events.items()} == {
        k: v.tolist() for k, v in alone.state.events.items()
    }


@pytest.mark.parametrize("name", ["attacc-gpu", "hbm-pim", "lpddr5-pim"])
def test_what_lasts_from_clock_to_clock_is_what_each_would_make(name: str) -> None:
    machine = load_machine(name)
    work = build("layer", model="gpt2", context=3000)
    (phase,), (steps,) = work.phases, plan(machine, work).phases
    lasting: dict[Hashable, object] = {}
    lower_phase(machine, phase.operators, steps, True, lasting=lasting)
    known = len(lasting)
    slower = throttled(machine, 200)
    again = lower_phase(slower, phase.operators, steps, True, lasting=lasting)
    alone = lower_phase(slower, phase.operators, steps, True)
    assert len(lasting) == known > 0 and not again.state.lasting
    for array in ("op", "work", "start", "dep", "unit_period_fs"):
        assert np.array_equal(getattr(again.program, array), getattr(alone.program, array))
