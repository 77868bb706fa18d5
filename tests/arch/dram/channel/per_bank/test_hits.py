"""Runs of reads of open rows give what single steps give, under per-bank scheduling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.arch.dram.channel.single_steps import COMPARED, compare_steps
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.controller import Controller, run
from bankside.arch.dram.channel.requests import requests

DEVICES = (
    "ddr4-2400",
    "ddr5-4800",
    "hbm2",
    "hbm3",
    "gddr6",
    "dramsim3-hbm2-8gb-x128",
    "dramsim3-ddr4-8gb-x8-2400",
)


@COMPARED
@given(
    name=st.sampled_from(DEVICES),
    seed=st.integers(0, 10_000),
    rows=st.sampled_from((1, 2, 9)),
    writes=st.sampled_from((0.0, 0.0, 0.2)),
    gap=st.sampled_from((0, 0, 3, 30)),
    depth=st.sampled_from((1, 5, 32, 128)),
    hurried=st.booleans(),
)
def test_d_runs_of_reads_equal_single_steps(
    name: str, seed: int, rows: int, writes: float, gap: int, depth: int, hurried: bool
) -> None:
    overrides = ("timings.tREFI=1500",) if hurried else ()
    compare_steps(
        name,
        (seed, 150, rows, writes, gap),
        Controller("per-bank", refresh_multiplier=1 + seed % 2, depth=depth),
        overrides,
    )


@pytest.mark.parametrize("name", ["ddr4-2400", "hbm2"])
def test_runs_begin_and_outlast_what_is_written_down_at_once(name: str) -> None:
    assert compare_steps(name, (3, 1500, 1, 0.0, 0), Controller("per-bank")) > 700


@pytest.mark.parametrize("at_cycle", [1 << 37, 1 << 50])
def test_reads_long_after_the_start_are_served(at_cycle: int) -> None:
    zero = np.zeros(4, np.int64)
    stream = requests((zero, zero, zero, np.arange(4)), at_cycle=np.array([0, at_cycle, at_cycle, at_cycle]))
    got = run(compiled("ddr4-2400"), stream, Controller("per-bank", refresh=False))
    assert got.undrained == 0
    assert got.cycles == pytest.approx(at_cycle, abs=100)
