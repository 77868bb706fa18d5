"""Laps that are foreseen come as they do one by one: as bursts of a gather of one place, or of a request array, do."""

import random

import numpy as np
import pytest

from bankside.arch.causes import SYNC
from bankside.arch.dram.banks.state import STATE
from bankside.arch.dram.channel.in_order.laps import lap_of, laps_ahead
from bankside.arch.dram.channel.in_order.memory.canonical import SCRATCH
from bankside.arch.dram.channel.in_order.stream import run_array, run_source
from bankside.arch.dram.channel.source import ARRAYS, GATHER, KNOWN, N_ARRAY, READ, REQUESTS, WRITE
from bankside.arch.dram.device.address import decode
from bankside.arch.dram.device.commands import RD
from bankside.arch.machine.machine import ADDRESS_ORDER

MATTER = [name for name in STATE.names if name not in SCRATCH]
DEVICES = (
    "ddr4-3200",
    "hbm3",
    "lpddr5",
    "hybrid-vault",
    "gddr6",
    "ddr5-4800",
    "hmc-vault",
    "lpddr5x",
    "hbm4",
)


def one_by_one(one, kind, first, count, gap):
    """The words of the same bursts in a source that goes round no laps."""
    if kind == READ:
        return np.array((GATHER, first, 0, count, gap, 1 << 40, 1))
    std = one.packed[0]
    asked = np.zeros((N_ARRAY, count), np.int64)
    places = np.array([decode(one.address, first + i)[:2] for i in range(count)]).T
    group, asked[3] = np.divmod(places[0], std["n_bank"])
    asked[1], asked[2] = np.divmod(group, std["n_group"] * std["n_rank"])
    asked[0], asked[4] = WRITE, places[1]
    head = np.zeros(ARRAYS, np.int64)
    head[0], head[KNOWN] = REQUESTS, count
    return np.concatenate([head, asked.ravel()])


@pytest.mark.parametrize("seed", range(18))
def test_laps_change_no_slot_cause_event_or_state(seed, channel):
    rng = random.Random(seed)
    name, hot = DEVICES[seed % len(DEVICES)], rng.choice((1, 2))
    overrides = rng.choice(((), (), ("refresh.mode=off",)))
    laps, plain = (channel(name, *overrides, order=ADDRESS_ORDER, hot=hot) for _ in range(2))
    laps.state["depth"] = plain.state["depth"] = rng.choice((1, 4, 8, 16, 32, 64))
    first = rng.randrange(5000)
    for _ in range(8):
        kind, count = rng.choice((READ, READ, WRITE)), rng.choice((7, 40, 112, 300, 1024))
        gap = rng.choice((0, 0, 3, 9)) if kind == READ else 0
        at = max(0, int(laps.state[0]["frontier"]) + rng.choice((-500, -30, 0, 20, 5000)))
        words = np.array((kind, first, 1, count, gap))
        own = laps.packed, laps.address, laps.state, words, at, laps.causes, laps.events
        other = one_by_one(plain, kind, first, count, gap)
        like = plain.packed, plain.address, plain.state, other, at, plain.causes, plain.events
        assert run_source(*own, True) == (run_source(*like, None) if kind == READ else run_array(*like))
        plain.causes[SYNC] = 0  # an array charges the wait for its offer, a stream its engine
        assert laps.causes.tolist() == plain.causes.tolist()
        assert laps.events.tolist() == plain.events.tolist()
        for field in MATTER:
            assert laps.state[0][field].tolist() == plain.state[0][field].tolist(), field
        first = first + count if rng.random() < 0.7 else rng.randrange(1 << 18)


@pytest.mark.parametrize(
    ("name", "order", "lap"),
    [
        ("hbm3", ADDRESS_ORDER, (8, 256)),  # two pseudo-channels of four bank groups, 32 columns of each row
        ("ddr4-3200", ADDRESS_ORDER, (4, 512)),
        ("ddr4-3200", ("channel", "rank", "row", "bank_group", "bank", "column"), (1, 128)),
        ("ddr4-3200", ("channel", "rank", "column", "row", "bank", "bank_group"), (0, 1)),  # a row a burst
        ("ddr4-3200", ("channel", "rank", "row", "bank", "column", "bank_group", "column:2"), (16, 512)),
    ],
)  # fmt: skip
def test_how_neighbouring_bursts_go_round_banks(name, order, lap, channel):
    assert lap_of(channel(name, order=order).address) == lap


def test_laps_are_foreseen_upto_the_next_row_and_refresh(channel):
    one = channel("hbm3", order=ADDRESS_ORDER)
    end = one.run(32)
    state, delay = one.state[0], int(one.packed[0]["read_latency"] + one.packed[0]["burst"])
    apart = int(state["column_slot"][31] - state["column_slot"][23])

    def ahead(served=32, count=1000, end=end):
        return laps_ahead(one.packed[0], state, RD, (8, 256), 0, (0, served, count, count), end, delay)

    assert ahead() == (256 - 32) // 8
    assert ahead(count=100) == (100 - 32) // 8
    assert ahead(count=47) == 0  # less than is worth it
    state["refresh_due"] = end - delay + 5 * apart
    assert ahead() == 4
    state["refresh_due"] += 1
    assert ahead() == 5
    assert ahead(end=end + 1) == 0  # an earlier burst ends last
    state["column_slot"][23] += 1
    assert ahead() == 0
