"""Channels live through the phases of a run."""

from dataclasses import replace

import numpy as np
import pytest

from bankside.arch.events import REFRESH
from bankside.arch.machine.machine import FS_PER_S, load_machine
from bankside.arch.spec import names
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.plan import plan
from bankside.kernels.operators import Kernel
from bankside.kernels.run.outcome import Outcome
from bankside.kernels.run.phases import lower, run_phases
from bankside.kernels.run.result import Result
from bankside.kernels.run.simulate import simulate


def joined(*kernels: Kernel) -> Kernel:
    """One kernel of the phases of several."""
    return replace(kernels[0], phases=tuple(phase for kernel in kernels for phase in kernel.phases))


def outcome(kernel: Kernel, machine: str = "hybrid-3d", fold: bool = True) -> Outcome:
    built = load_machine(machine)
    return run_phases(built, lower(built, kernel, plan(built, kernel), fold))


def test_refreshes_come_when_the_phases_together_have_taken_their_interval() -> None:
    """Phases shorter than a refresh interval: by themselves they would never meet one."""
    short = build("gemv", m=256, k=256)
    alone, many = outcome(short), outcome(joined(*[short] * 20))
    memory = load_machine("hybrid-3d").memories["hbm"]
    assert memory.standard is not None
    interval_s = memory.standard.spec.timings["tREFI"].cycles(memory.standard.spec.clock) / float(
        memory.standard.spec.clock
    )
    assert alone.events["memory.hbm"][REFRESH] == 0
    due = int(many.time_fs / FS_PER_S / interval_s)
    assert due >= 1
    assert many.events["memory.hbm"][REFRESH] == due * memory.channels


def test_each_phase_begins_where_the_one_before_ended() -> None:
    done = outcome(joined(*[build("gemv", m=256, k=256)] * 3))
    first, second, third = (phase.timeline for phase in done.phases)
    assert (first.origin_fs, second.origin_fs) == (0, first.total_fs)
    assert third.origin_fs == first.total_fs + second.total_fs
    assert int(second.start_fs.min()) >= second.origin_fs
    assert done.time_fs == third.origin_fs + third.total_fs == int(done.stack_fs.sum())


def test_a_repeated_phase_is_executed_once_and_counted_as_often() -> None:
    kernel = build("gemv", m=256, k=256)
    repeated = replace(kernel, phases=(replace(kernel.phases[0], count=5),))
    once, five = outcome(kernel), outcome(repeated)
    assert len(five.phases) == 1 and five.time_fs == 5 * once.time_fs
    assert np.array_equal(five.stack_fs, 5 * once.stack_fs)
    assert np.array_equal(five.events["memory.hbm"], 5 * once.events["memory.hbm"])


@pytest.mark.parametrize("machine", ["hybrid-3d", "attacc-bank", "xpu-a100", "hbm-pim"])
def test_t7_channels_that_an_earlier_phase_told_apart_stay_apart(machine: str) -> None:
    kernel = joined(*(build("gemv", m=m, k=k) for m, k in ((1000, 300), (72, 512), (333, 129))))
    folded, unfolded = (
        simulate(kernel, load_machine(machine), fold=fold).to_dict() for fold in (True, False)
    )
    assert {**folded, "provenance": 0} == {**unfolded, "provenance": 0}


@pytest.mark.parametrize("machine", names("machines"))
def test_every_phase_finds_the_channels_of_the_one_before(machine: str) -> None:
    options = {"format": "int8"} if machine == "upmem" else {}
    kernel = build("gemv", m=300, k=200, **options)
    once, twice = outcome(kernel, machine), outcome(joined(kernel, kernel), machine)
    first, second = twice.phases
    assert first.timeline.total_fs == once.time_fs
    assert second.program.n_ops >= first.program.n_ops


def test_a_result_keeps_what_happened_to_every_operation_and_is_told_by_its_document_alone() -> None:
    result = simulate(build("gemv", m=256, k=256), load_machine("hybrid-3d"))
    assert result.outcome is not None
    (phase,) = result.outcome.phases
    assert int(phase.timeline.end_fs.max()) == result.document["time_fs"]
    assert len(phase.timeline.start_fs) == phase.program.n_ops
    assert result == Result(result.document)
