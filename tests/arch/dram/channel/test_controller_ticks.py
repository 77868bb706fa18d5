"""The event-driven controllers issue the same commands in the same slots as ones that look at every slot."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from tests.arch.dram.conftest import compiled
from tests.arch.dram.ticked import FirstReady, KeepHits
from tests.arch.dram.ticked_banks import PerBank

from bankside.arch.dram.channel.controller import Controller, geometry, run
from bankside.arch.dram.channel.requests import Requests, requests
from bankside.arch.dram.device.standard import Standard

DEVICES = (
    "ramulator2-hbm2-8gb-2000",
    "ramulator2-hbm3-16gb-8hi-6400",
    "ramulator2-ddr4-8gb-x8-2400u",
    "ramulator2-ddr5-16gb-x8-4800bn",
    "ramulator2-gddr6-8gb-x16-14000",
    "ramulator2-lpddr5-16gb-x16-6400",
)
TOOL_DEVICES = ("dramsim3-hbm2-8gb-x128", "dramsim3-ddr4-8gb-x8-2400", "dramsim3-gddr6-8gb-x16")
MORE_PER_BANK = ("ddr5-4800", "gddr6", "hbm3")  # the tool knows no multi-cycle commands and no half clocks
TICKED: dict[str, Callable[..., Any]] = {"frfcfs": FirstReady, "frfcfs-rowhit": KeepHits, "per-bank": PerBank}


QUICK = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


def random_requests(
    standard: Standard, seed: int, n: int, rows: int, writes: float, gap: int, limit: int
) -> Requests:
    """Requests on few rows and columns of few banks, so that hits, conflicts and repeated bursts all occur."""
    draw, g = np.random.default_rng(seed), geometry(standard)
    groups, banks = max(1, g.bank_groups // 2), max(1, g.banks_per_group // 2)
    where = (draw.integers(groups, size=n), draw.integers(banks, size=n), draw.integers(rows, size=n))
    column = draw.integers(8, size=n)
    return requests(
        (*where, column),
        op=(draw.random(n) < writes).astype(np.int64),
        pc=draw.integers(g.pseudo_channels, size=n),
        at_cycle=np.cumsum(draw.integers(gap + 1, size=n)),
        max_outstanding=limit,
    )


def compare(
    name: str, scheduler: str, stream: Requests, refresh: bool, overrides: tuple[str, ...] = ()
) -> None:
    standard = compiled(name, overrides)
    ticked = TICKED[scheduler](standard, stream, refresh)
    expected = ticked.run()
    got = run(standard, stream, Controller(scheduler, refresh=refresh), trace=True)
    assert got.undrained == 0
    commands = [tuple(map(int, line)) for line in got.trace]
    assert commands[: len(expected)] == expected
    late = [line for line in commands[len(expected) :] if line[0] <= expected[-1][0]]
    assert not late, "commands the other run does not have"


@QUICK
@given(
    name=st.sampled_from(DEVICES),
    scheduler=st.sampled_from(("frfcfs", "frfcfs-rowhit")),
    seed=st.integers(0, 10_000),
    rows=st.sampled_from((2, 3, 40)),
    writes=st.sampled_from((0.0, 0.3, 1.0)),
    gap=st.sampled_from((0, 3, 60)),
    limit=st.sampled_from((0, 0, 2, 7)),
    refresh=st.booleans(),
)
def test_d_first_ready_equals_ticked(
    name: str, scheduler: str, seed: int, rows: int, writes: float, gap: int, limit: int, refresh: bool
) -> None:
    compare(name, scheduler, random_requests(compiled(name), seed, 120, rows, writes, gap, limit), refresh)


@QUICK
@given(
    name=st.sampled_from((*TOOL_DEVICES, *MORE_PER_BANK)),
    seed=st.integers(0, 10_000),
    rows=st.sampled_from((2, 3, 40)),
    writes=st.sampled_from((0.0, 0.3, 1.0)),
    gap=st.sampled_from((0, 3, 60)),
    limit=st.sampled_from((0, 0, 2, 7)),
    refresh=st.booleans(),
)
@example("dramsim3-ddr4-8gb-x8-2400", 243, 3, 0.3, 0, 2, False)  # a write's data is back before older reads
@example("ddr5-4800", 723441678, 3, 0.1, 0, 4, False)  # activations hold the command bus
@example("hbm3", 912431804, 3, 0.1, 60, 4, True)  # half clocks
def test_d_per_bank_equals_ticked(
    name: str, seed: int, rows: int, writes: float, gap: int, limit: int, refresh: bool
) -> None:
    compare(name, "per-bank", random_requests(compiled(name), seed, 120, rows, writes, gap, limit), refresh)


@pytest.mark.parametrize("scheduler", TICKED)
@pytest.mark.parametrize("name", ["hbm2", "gddr6"])
def test_d_refreshes_of_single_banks_equal_ticked(name: str, scheduler: str) -> None:
    overrides = ("refresh.mode=per_bank", "timings.tREFIpb=150")
    for seed in range(3):
        stream = random_requests(compiled(name), seed, 200, 3, 0.3, seed, 0)
        compare(name, scheduler, stream, True, overrides)


@pytest.mark.slow
@pytest.mark.parametrize("scheduler", TICKED)
def test_all_devices_equal_ticked(scheduler: str) -> None:
    names = TOOL_DEVICES if scheduler == "per-bank" else DEVICES
    for seed, name in enumerate(names * 3):
        stream = random_requests(compiled(name), seed, 600, (3, 50)[seed % 2], 0.3, 2 * (seed % 3), 0)
        compare(name, scheduler, stream, seed % 2 == 0)
