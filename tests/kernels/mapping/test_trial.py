"""Trials: short trains whole, long ones carried on to within a few per cent of the whole."""

from collections.abc import Sequence
from math import inf, isinf
from weakref import ref

import pytest

from bankside.arch.machine.channels import Memories, Remembered
from bankside.arch.machine.machine import Core, Machine, load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping import trial
from bankside.kernels.mapping.candidates import candidates
from bankside.kernels.mapping.choose import as_mapping, choose
from bankside.kernels.mapping.memo import MOST_TRAINS, Kept
from bankside.kernels.mapping.plan import plan
from bankside.kernels.mapping.resources import resources
from bankside.kernels.plan.steps import Nests, total_bytes
from bankside.kernels.plan.tiling import Mapping, Problem

EXPERTS = 2, 2, 2, False, False  # bytes of elements, and what passes the tap besides weights
CARRIED = 0.05  # a trial orders candidates; what is reported runs whole


def time_s(machine: Machine, problem: Problem, mapping: Mapping) -> float:
    return trial.Trials(machine, machine.primary, problem).times_s([mapping])[0]


@pytest.mark.parametrize(
    ("name", "problem", "mapping"),
    [
        ("hybrid-3d", Problem(1, 64, 256, 8192, 2, 2, 2, True, True), Mapping(1, 1, 1, 64, 128, 32, "nk", "matrix")),
        ("hybrid-3d", Problem(1, 64, 256, 8192, 2, 2, 2, True, True), Mapping(1, 1, 1, 64, 128, 32, "kn", "matrix")),
        ("tpu-like", Problem(1, 4096, 999, 4096, 2, 2, 2, True, True), Mapping(1, 1, 1, 256, 256, 256, "nk", "matrix")),
        ("xpu-a100", Problem(1, 64, 12288, 9999, 2, 2, 2, False, True), Mapping(1, 2, 54, 32, 64, 99, "nk", "matrix")),
        # rounds of two items of five: the memory is busier in the first, lanes in the last
        ("base-die-bitmod", Problem(5, 2, 14336, 4096, *EXPERTS), Mapping(2, 1, 8, 2, 598, 22, "kn", "vector")),
        ("base-die-bitmod", Problem(5, 2, 4096, 14336, *EXPERTS), Mapping(2, 1, 8, 2, 256, 75, "kn", "vector")),
    ],
)  # fmt: skip
def test_a_long_train_is_carried_on(
    name: str, problem: Problem, mapping: Mapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = load_machine(name)
    carried_s = time_s(machine, problem, mapping)
    monkeypatch.setattr(trial, "STEPS", 10**6)
    monkeypatch.setattr(trial, "BURSTS", 10**9)
    whole_s = time_s(machine, problem, mapping)
    assert carried_s != whole_s
    assert abs(carried_s / whole_s - 1) < CARRIED


def test_no_train_is_faster_than_its_bytes_at_peak() -> None:
    """Tiles that only write run ahead of the memory, which is what their train waits for."""
    core = (machine := load_machine("hmc-vault")).primary
    problem = Problem(1, 1817, 29, 1, 2, 2, 2, False, True)
    mapping = Mapping(1, 1, 1, 1, 29, 1, "nk", "vector")
    peak = core.channels * core.memory.channel_peak(core.level)
    assert time_s(machine, problem, mapping) >= total_bytes(problem, mapping) / peak


def test_what_channels_remember_goes_when_those_who_share_it_let_it_go() -> None:
    machine, known, memories = load_machine("xpu-a100"), Kept(MOST_TRAINS), Memories()
    problem = Problem(1, 64, 12288, 9999, 2, 2, 2, False, True)
    few, many = (Mapping(1, 2, 54, 32, 64, depth, "nk", "matrix") for depth in (99, 198))

    def tried_s(mapping: Mapping, memory: Remembered | None) -> float:
        return trial.Trials(machine, machine.primary, problem, memory, known).times_s([mapping])[0]

    tried_s(few, memories.of(machine, 1.0))
    words = ref(memories.of(machine).words)
    assert words() is not None
    memories = Memories()
    assert words() is None
    assert tried_s(many, None) == time_s(machine, problem, many)


SHAPES = [
    Problem(1, 1, 96, 1024, 2, 2, 2, False, False),
    Problem(8, 1, 64, 48, 2, 2, 2, True, True),
    Problem(1, 5, 40, 700, 2, 1, 4, True, False),
    Problem(1, 33, 600, 257, 2, 2, 2, False, True),
]


@pytest.mark.parametrize(
    "name", ["hybrid-3d", "base-die", "axdimm", "tpu-like", "sram-lpu", "hbf-pnm", "xpu-a100"]
)
def test_what_is_not_run_would_not_have_been_chosen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound of every train is below its time, and a search that runs all of them chooses the same."""
    machine = load_machine(name)
    core = machine.primary
    for problem in SHAPES:
        node, skipped = resources(machine, core, problem), 0
        found = candidates(problem, node)
        some = range(0, len(found.mt), 1 + len(found.mt) // 12)
        mappings = [
            as_mapping(found, i, unit) for i in some for unit in ("matrix", "vector") if unit in units(core)
        ]
        times = trial.Trials(machine, core, problem).times_s(mappings)
        chosen = choose(problem, node, trial.Trials(machine, core, problem).times_s)
        with monkeypatch.context() as patched:
            patched.setattr(trial.Trials, "_least_s", nothing)
            every = trial.Trials(machine, core, problem).times_s(mappings)
            assert choose(problem, node, trial.Trials(machine, core, problem).times_s) == chosen
        assert times.index(min(times)) == every.index(min(every))
        for one, other in zip(times, every, strict=True):
            skipped += isinf(one)
            assert one in (other, inf)
        trials = trial.Trials(machine, core, problem)
        for mapping, whole_s in zip(mappings, every, strict=True):
            cuts = trials._cut(Nests(problem, [mapping]))[1]
            (least_s,) = trials._least_s([mapping], cuts, trials._whole_s([mapping], cuts))
            assert least_s * trial.SURE <= whole_s


def nothing(_: object, mappings: Sequence[Mapping], *__: object) -> list[float]:
    return [0.0] * len(mappings)


def units(core: Core) -> set[str]:
    return {"matrix" if slot == "matmul" else slot for slot in core.spec.units}


@pytest.mark.slow  # 40 s
@pytest.mark.parametrize("name", ["base-die", "axdimm", "tpu-v4", "cxl-pnm", "hybrid-3d", "tpu-like"])
def test_layers_are_planned_as_if_every_candidate_had_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for model in ("llama-3-8b", "mixtral-8x7b", "deepseek-v3"):
        kernel = build("layer", model=model, context=131072, stage="decode")
        machine = load_machine(name, stacks=8)
        chosen = plan(machine, kernel)
        with monkeypatch.context() as patched:
            patched.setattr(trial.Trials, "_least_s", nothing)
            assert plan(machine, kernel) == chosen
