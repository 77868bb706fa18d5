"""Trials: short trains whole, long ones carried on to within a few per cent of the whole."""

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.mapping import trial
from bankside.kernels.plan.steps import total_bytes
from bankside.kernels.plan.tiling import Mapping, Problem

CARRIED = 0.05  # a trial orders candidates; what is reported runs whole


@pytest.mark.parametrize(
    ("name", "problem", "mapping"),
    [
        ("hybrid-3d", Problem(1, 64, 256, 8192, 2, 2, 2, True, True), Mapping(1, 1, 1, 64, 128, 32, "nk", "matrix")),
        ("hybrid-3d", Problem(1, 64, 256, 8192, 2, 2, 2, True, True), Mapping(1, 1, 1, 64, 128, 32, "kn", "matrix")),
        ("tpu-like", Problem(1, 4096, 999, 4096, 2, 2, 2, True, True), Mapping(1, 1, 1, 256, 256, 256, "nk", "matrix")),
        ("xpu-a100", Problem(1, 64, 12288, 9999, 2, 2, 2, False, True), Mapping(1, 2, 54, 32, 64, 99, "nk", "matrix")),
    ],
)  # fmt: skip
def test_a_long_train_is_carried_on(
    name: str, problem: Problem, mapping: Mapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = load_machine(name)
    carried_s = trial.trial_s(machine, machine.primary, problem, mapping)
    monkeypatch.setattr(trial, "STEPS", 10**6)
    monkeypatch.setattr(trial, "BURSTS", 10**9)
    whole_s = trial.trial_s(machine, machine.primary, problem, mapping)
    assert carried_s != whole_s
    assert abs(carried_s / whole_s - 1) < CARRIED


def test_no_train_is_faster_than_its_bytes_at_peak() -> None:
    """Tiles that only write run ahead of the memory, which is what their train waits for."""
    core = (machine := load_machine("hmc-vault")).primary
    problem = Problem(1, 1817, 29, 1, 2, 2, 2, False, True)
    mapping = Mapping(1, 1, 1, 1, 29, 1, "nk", "vector")
    peak = core.channels * core.memory.channel_peak(core.level)
    assert trial.trial_s(machine, core, problem, mapping) >= total_bytes(problem, mapping) / peak
