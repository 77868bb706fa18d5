"""Idle time: it is charged to no one, refreshes in it are jumped exactly, and take no more than they last."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.arch.dram.channel.test_controller_ticks import random_requests
from tests.arch.dram.conftest import Channel, compiled

from bankside.arch.dram.banks.refresh import idle_until
from bankside.arch.dram.channel.controller import SCHEDULERS, Controller, run
from bankside.arch.dram.channel.in_order.stream import READ, WRITE
from bankside.arch.dram.channel.request_check import FIELDS
from bankside.arch.dram.channel.requests import Requests, requests
from bankside.arch.dram.device.standard import Standard
from bankside.arch.spec import ConfigError, names

SHIPPED = [name for name in names("devices") if not name.startswith("hbf")]
PER_BANK = ("refresh.mode=per_bank", "timings.tREFIpb=150")
KINDS = (
    *((name, ()) for name in ("ddr4-2400", "ddr5-4800", "hbm2", "hbm3", "lpddr5", "gddr6", "dramsim3-hmc-4gb-4lx16")),
    *((name, PER_BANK) for name in ("hbm2", "gddr6", "lpddr5", "hbm4")),
)  # fmt: skip
"""Devices of one and two command buses, whole and half clocks, ranks, pseudo-channels; all-bank, per-bank."""

QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


def refresh_slots(standard: Standard) -> int:
    """Slots that one refresh command takes."""
    t, per_bank = standard.timings_ck, standard.spec.refresh.mode == "per_bank"
    name = "tRFCpb" if per_bank else standard.spec.refresh.cycle
    return t[name] * standard.spec.slots_per_ck


def with_pauses(standard: Standard, seed: int, n: int, pause: int, writes: float, limit: int) -> Requests:
    """Requests that come in a few bursts, with up to `pause` clocks between."""
    made = random_requests(standard, seed, n, 3, writes, 20, limit)
    draw, at = np.random.default_rng(seed), made.at_cycle.copy()
    for k in draw.integers(1, n, 3):
        at[k:] += int(draw.integers(pause))
    return replace(made, column=made.column % standard.columns, at_cycle=at)


def two(standard: Standard, clock: int, write_first: bool = False) -> Requests:
    """A request at clock 0 and a read of its bank, of another row, at `clock`."""
    zero = np.zeros(2, np.int64)
    made = requests((zero, zero, np.array([0, 1]), zero), at_cycle=np.array([0, clock]))
    return replace(made, op=np.array([int(write_first), 0]))


@QUICK
@given(
    kind=st.sampled_from(KINDS),
    scheduler=st.sampled_from(SCHEDULERS),
    page=st.sampled_from(("open", "closed")),
    hot=st.sampled_from((1, 2)),
    seed=st.integers(0, 10_000),
    pause=st.sampled_from((10, 30_000, 1_000_000)),
    writes=st.sampled_from((0.0, 0.3, 1.0)),
    limit=st.sampled_from((0, 0, 1, 3)),
)
def test_refreshes_are_charged_no_more_than_they_last_and_skipped_as_if_stepped_through(
    kind: Any, scheduler: str, page: str, hot: int, seed: int, pause: int, writes: float, limit: int
) -> None:
    standard = compiled(*kind)
    if page == "closed" and not any("RDA" in line.preceding for line in standard.spec.constraints):
        page = "open"
    stream = with_pauses(standard, seed, 40, pause, writes, limit)
    controller = Controller(scheduler, page, refresh_multiplier=hot)
    skipped = run(standard, stream, controller)
    stepped = run(standard, stream, controller, trace=True)
    for field in fields(skipped):
        if field.name != "trace":
            assert getattr(skipped, field.name) == getattr(stepped, field.name), field.name
    causes = skipped.causes_slot
    refreshes = skipped.counts["REF"] + skipped.counts["REFSB"]
    assert causes.get("dram_refresh", 0) <= refreshes * refresh_slots(standard)
    assert "compute" not in causes
    assert sum(causes.values()) == skipped.slots
    # what is not idle is what requests take, one after the other at the worst
    each = sum(standard.timings_ck[name] for name in ("tRP", "tRAS") if name in standard.timings_ck) + 200
    busy = skipped.slots - causes.get("sync", 0)
    assert busy <= len(stream) * each * standard.spec.slots_per_ck + causes.get("dram_refresh", 0)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("device", SHIPPED)
def test_a_pause_is_idle_whatever_is_refreshed_in_it(device: str, scheduler: str) -> None:
    standard = compiled(device)
    for clock in (20_000, 100_000):
        on = run(standard, two(standard, clock), Controller(scheduler))
        off = run(standard, two(standard, clock), Controller(scheduler, refresh=False))
        lasts = refresh_slots(standard) if standard.spec.refresh.mode != "off" else 0
        assert on.causes_slot.get("dram_refresh", 0) <= lasts
        assert on.causes_slot["sync"] >= 0.98 * clock * standard.spec.slots_per_ck
        assert abs(on.slots - off.slots) <= lasts + 200


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_idle_20k_takes_as_long_without_refresh(scheduler: str) -> None:
    standard = compiled("ddr4-2400")
    on, off = (run(standard, two(standard, 20_000), Controller(scheduler, refresh=r)) for r in (True, False))
    assert 20_000 < on.slots <= off.slots < 20_070  # the row that is in the way was closed by a refresh
    assert on.causes_slot.get("dram_refresh", 0) <= on.counts["REF"] * refresh_slots(standard)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_a_lone_write_leaves_the_channel_idle(scheduler: str) -> None:
    standard = compiled("ddr4-2400")
    done = run(standard, two(standard, 100_000, write_first=True), Controller(scheduler, refresh=False))
    assert done.causes_slot["sync"] > 0.999 * 99_900
    assert done.causes_slot["dram_command"] < 100


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("first", [0, 1])
def test_requests_at_the_last_clock_that_can_be_counted(kind: Any, scheduler: str, first: int) -> None:
    """The second of two, and one alone."""
    standard = compiled(*kind)
    clock = (1 << 52) - 1
    both = two(standard, clock)
    stream = replace(both, **{name: getattr(both, name)[first:] for name in FIELDS})
    done = run(standard, stream, Controller(scheduler))
    std, per_clock = standard.packed[0], standard.spec.slots_per_ck
    per_bank = standard.spec.refresh.mode == "per_bank"
    interval = int(std["refresh_bank_interval" if per_bank else "refresh_interval"])
    assert done.counts["REFSB" if per_bank else "REF"] == pytest.approx(
        clock * per_clock // interval * standard.refresh_nodes, abs=2 * standard.refresh_nodes
    )
    assert done.undrained == 0
    assert done.causes_slot["sync"] >= (clock - 3000) * per_clock


def test_the_commands_of_a_pause_too_long_to_write_down_are_refused() -> None:
    standard = compiled("ddr4-2400")
    with pytest.raises(ConfigError, match="refresh commands would be written down"):
        run(standard, two(standard, (1 << 52) - 1), Controller(), trace=True)


@QUICK
@given(
    kind=st.sampled_from(KINDS),
    hot=st.sampled_from((1, 2)),
    before=st.integers(0, 300),
    pause=st.integers(1, 400_000),
    kinds=st.tuples(st.sampled_from((READ, WRITE)), st.sampled_from((READ, WRITE))),
    stride=st.sampled_from((1, 7, 1031)),
)
def test_streams_jump_idle_time_as_if_refreshed_one_by_one(
    kind: Any, hot: int, before: int, pause: int, kinds: tuple[int, int], stride: int
) -> None:
    jump, steps = (Channel(compiled(*kind), hot=hot) for _ in range(2))
    ends = []
    for one in (jump, steps):
        begin = one.run(before, kinds[0], stride=stride) + pause
        while one is steps and one.state[0]["refresh_due"] <= begin:
            idle_until(one.packed, one.state, int(one.state[0]["refresh_due"]), one.events)
        ends.append(one.run(200, kinds[1], first=before * stride, stride=stride, at=begin))
    assert ends[0] == ends[1]
    assert (jump.causes == steps.causes).all()
    assert (jump.events == steps.events).all()
    later = jump.state[0]["next"] != steps.state[0]["next"]
    assert (jump.state[0]["next"][later] >> 5 <= ends[0]).all()
    standard = jump.standard
    refreshes = jump.event("refresh") * standard.refresh_nodes + jump.event("refresh_bank")
    assert jump.cause("dram_refresh") <= refreshes * refresh_slots(standard)
