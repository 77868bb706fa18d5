"""Every command of the queued controllers is legal by the standards' own tables, and every request is served."""

from dataclasses import replace

import numpy as np
import pytest
from tests.arch.dram.conftest import compiled
from tests.arch.dram.controller_trace import bus_conflicts, off_the_edge, violations

from bankside.arch.dram.channel.controller import SCHEDULERS, Controller, geometry, run
from bankside.arch.dram.channel.requests import Requests, requests
from bankside.arch.dram.device.standard import Standard
from bankside.arch.spec import ConfigError, names
from bankside.unit.channel.request_streams import PATTERNS, pattern
from bankside.unit.dram import CLOSED_PAGE, PRESETS

SAMPLE = ("ddr4-2400", "ddr5-4800", "hbm2", "hbm3", "hbm4", "gddr6", "lpddr5", "hmc-vault", "hybrid-vault")
LEFT_OUT = ("hbf", "attacc-hbm3-5200", "pimsimulator")
"""Flash, and sets of tools that state no rules for writes, or for a precharge of all banks."""
EVERY = [name for name in names("devices") if not name.startswith(LEFT_OUT)]
SOAK_COMMANDS = 10_000_000


def checked(standard: Standard, stream: Requests, controller: Controller) -> int:
    """Commands of a run, after every one of them has passed and every request has been answered once."""
    result = run(standard, stream, controller, trace=True)
    trace = result.trace
    assert violations(standard, trace) == []
    assert bus_conflicts(standard, trace) == 0
    assert off_the_edge(standard, trace) == 0
    columns = sum(result.counts[name] for name in ("RD", "RDA", "WR", "WRA"))
    assert columns + result.forwarded + result.merged + result.coalesced == len(stream)
    assert result.undrained == 0
    assert sum(result.causes_slot.values()) == result.slots
    return len(trace)


def random_run(name: str, seed: int, count: int) -> tuple[Standard, Requests, Controller]:
    """A device with its refresh hurried or bank by bank, a stream on some of its rows, a controller."""
    draw = np.random.default_rng(seed)
    cycle = compiled(name).timings_ck.get("tRFC", 100)
    overrides = [f"timings.tREFI={cycle * draw.choice((4, 10))}"]
    if draw.random() < 0.3:
        overrides = ["refresh.mode=per_bank", "timings.tREFIpb=400"]
    try:
        standard = compiled(name, tuple(overrides))
    except ConfigError:  # no refresh of single banks, or too short an interval
        standard = compiled(name)
    g = geometry(standard)
    rows, writes, gap = (
        draw.choice((1, 3, 40, g.rows)),
        draw.choice((0.0, 0.1, 0.5, 1.0)),
        draw.choice((0, 2, 40)),
    )
    sizes = (draw.choice((1, g.bank_groups)), g.banks_per_group, rows, draw.choice((2, g.columns)))
    stream = requests(
        tuple(
            draw.integers(min(size, limit), size=count)
            for size, limit in zip(sizes, (g.bank_groups, g.banks_per_group, g.rows, g.columns), strict=True)
        ),
        op=(draw.random(count) < writes).astype(np.int64),
        pc=draw.integers(g.pseudo_channels, size=count),
        at_cycle=np.cumsum(draw.integers(gap + 1, size=count)),
        max_outstanding=int(draw.choice((0, 0, 1, 9))),
    )
    closes = any("RDA" in line.preceding for line in standard.spec.constraints)
    controller = Controller(
        scheduler="per-bank" if name.startswith("dramsim3") else str(draw.choice(SCHEDULERS)),
        page="closed" if closes and draw.random() < 0.3 else "open",
        refresh=bool(draw.random() < 0.8),
        refresh_multiplier=int(draw.choice((1, 2))),
        depth=int(draw.choice((1, 4, 32, 64))),
    )
    return standard, stream, controller


@pytest.mark.parametrize("name", SAMPLE)
def test_d1_d3_d4_random_runs_are_legal_and_answered_once(name: str) -> None:
    for seed in range(6):
        assert checked(*random_run(name, seed, 250)) > 0


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("name", ["hbm2", "hbm2-pim", "gddr6"])
def test_d1_legal_refreshes_of_single_banks(name: str, scheduler: str) -> None:
    """Standards of which no rule about single banks is left out."""
    standard = compiled(name, ("refresh.mode=per_bank", "timings.tREFIpb=120"))
    stream = pattern("rand_mix33_s3", geometry(standard)).first(3000)
    assert checked(standard, stream, Controller(scheduler)) > 6000


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_d1_d3_d4_a_soak_of_every_standard_is_legal(name: str) -> None:
    commands, seed = 0, 1000
    while commands * len(EVERY) < SOAK_COMMANDS:
        commands += checked(*random_run(name, seed, 4000))
        seed += 1


def peer_run(device: str, stream: str, refresh: bool, count: int) -> int:
    """`checked` for the first requests of a named stream as the tool of a preset runs it."""
    standard = compiled(device)
    made = pattern(stream, geometry(standard))
    scheduler = "per-bank" if device.startswith("dramsim3") else "frfcfs"
    page = "closed" if device in CLOSED_PAGE else "open"
    limited = replace(made.first(count), max_outstanding=made.max_outstanding)
    return checked(standard, limited, Controller(scheduler, page, refresh))


@pytest.mark.parametrize("device", sorted(PRESETS.values()))
def test_d1_named_streams_are_legal(device: str) -> None:
    for stream in ("seq_mix21_bgint", "hot_rows_s9", "chase_rand_o4"):
        peer_run(device, stream, True, 200)


@pytest.mark.slow
@pytest.mark.parametrize("device", sorted(PRESETS.values()))
def test_d1_every_command_of_every_named_stream_is_legal(device: str) -> None:
    for stream in PATTERNS:
        if not stream.startswith("dual_pc") or compiled(device).pseudo_channels > 1:
            for refresh in (True, False):
                peer_run(device, stream, refresh, 1 << 20)


def test_columns_that_close_need_their_rules() -> None:
    standard = compiled("pimsimulator-hbm2-2m-16b-x64")
    stream = pattern("rand_rd_s1", geometry(standard)).first(10)
    with pytest.raises(ConfigError, match="closed pages need RDA"):
        run(standard, stream, Controller(page="closed"))
