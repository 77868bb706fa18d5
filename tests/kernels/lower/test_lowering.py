from collections.abc import Callable, Hashable

import numpy as np
import pytest

from bankside.arch.machine.machine import load_machine
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
