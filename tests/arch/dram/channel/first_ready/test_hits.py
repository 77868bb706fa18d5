"""Runs of row hits give what single steps give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.arch.dram.channel.single_steps import COMPARED, compare_steps

from bankside.arch.dram.channel.controller import Controller

DEVICES = ("ddr4-2400", "ddr5-4800", "hbm2", "hbm3", "gddr6", "lpddr5", "dramsim3-lpddr4-8gb-x16-2400")
SCHEDULERS = ("frfcfs", "frfcfs-rowhit")


@COMPARED
@given(
    name=st.sampled_from(DEVICES),
    scheduler=st.sampled_from(SCHEDULERS),
    seed=st.integers(0, 10_000),
    rows=st.sampled_from((1, 2, 9)),
    writes=st.sampled_from((0.0, 0.2, 1.0)),
    gap=st.sampled_from((0, 0, 3, 30)),
    depth=st.sampled_from((2, 5, 32, 128)),
    hurried=st.booleans(),
)
def test_d_runs_of_hits_equal_single_steps(
    name: str, scheduler: str, seed: int, rows: int, writes: float, gap: int, depth: int, hurried: bool
) -> None:
    overrides = ("timings.tREFI=1500",) if hurried else ()
    compare_steps(
        name,
        (seed, 150, rows, writes, gap),
        Controller(scheduler, refresh_multiplier=1 + seed % 2, depth=depth),
        overrides,
    )


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_runs_begin_and_outlast_what_is_written_down_at_once(scheduler: str) -> None:
    assert compare_steps("ddr4-2400", (3, 1500, 1, 0.0, 0), Controller(scheduler)) > 1000
    assert compare_steps("ddr4-2400", (3, 300, 1, 1.0, 0), Controller(scheduler)) > 200
