"""HBM-PIM keeps sums in its accumulators, pays for registers in a row, and lands near its peer's share of the peak."""

from itertools import pairwise

import numpy as np
import pytest
from tests.kernels.lower.pim.test_lower import run

from bankside.arch.dram.channel.pim.program import HEAD, LEAVE, words
from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.plan import plan
from bankside.kernels.run.phases import lower
from bankside.unit.pim import gemv_program
from bankside.validation.runs import FOLDER, HBM_PIM


def test_sums_are_drained_once_and_whole() -> None:
    core = load_machine("hbm-pim").primary
    outputs = core.count * 8  # the accumulators of every unit, once
    shallow, deep = (run("hbm-pim", "gemv", m=outputs, k=k)["bandwidth"]["link"] for k in (1024, 4096))
    # operands grow with k, results do not: a register of 32 byte each
    results = outputs * 32
    per_k = core.nodes * 2 * core.memory.standard.pseudo_channels if core.memory.standard else 0
    operands = deep["bytes_read"] + deep["bytes_written"] - shallow["bytes_read"] - shallow["bytes_written"]
    total = deep["bytes_read"] + deep["bytes_written"]
    assert operands == (4096 - 1024) * per_k
    assert total == results + 4096 * per_k


def test_partial_sums_leave_after_every_piece_without_accumulators() -> None:
    kept = run("hbm-pim", "gemv", m=4096, k=4096)
    without = run("hbm-pim", "gemv", "cores.pcu.accumulators=1", m=4096, k=4096)
    assert kept["time_fs"] < without["time_fs"]


def test_a_gemv_reaches_about_the_share_of_the_peak_that_its_peer_shows() -> None:
    """62 % in PIMSimulator, whose host keeps rows open less; the link to the host takes a little here."""
    result = run("hbm-pim", "gemv", "cores.pcu.launch=0 s", m=4096, k=4096, format="fp16")
    assert 0.58 < result["bandwidth"]["dram"]["utilisation"] < 0.72
    assert result["stack_fs"]["pim_mode"] > 0
    assert (
        result["stack_fs"]["compute"] == 0
    )  # lanes take a column each four slots, as fast as the banks give them


@pytest.mark.parametrize(("m", "k"), [(4096, 4096), (8192, 384)])
def test_the_program_of_a_run_is_that_of_the_unit(m: int, k: int) -> None:
    machine, kernel = load_machine(str(FOLDER / HBM_PIM)), build("gemv", m=m, k=k, format="fp16")
    standard = machine.memories["hbm"].standard
    assert standard is not None
    ((lowered, _),) = lower(machine, kernel, plan(machine, kernel), True)
    program = words(gemv_program(standard, m, k, 64, 2), leave=True)
    starts = lowered.program.work_start
    ran = [lowered.program.work[a:b] for a, b in pairwise(starts)]
    same = [np.array_equal(program[HEAD:], one[HEAD:]) and one[LEAVE] for one in ran if len(one) > HEAD]
    assert sum(same) == 1
