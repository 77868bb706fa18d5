"""Streams against closed forms, against the simulators' measured runs, and against their own accounts."""

import subprocess
import sys

import pytest

from bankside.arch.dram.channel.in_order.stream import READ, WRITE

OUTER = ("channel", "pseudo_channel", "rank")
OFF = "refresh.mode=off"
ORDERS = {
    "sequential": (*OUTER, "row", "bank", "column", "bank_group"),
    "conflict": (*OUTER, "bank", "bank_group", "column", "row"),
    "new rows": (*OUTER, "column", "row", "bank", "bank_group"),
    "one group": (*OUTER, "bank_group", "row", "column", "bank"),
    "channels": ("channel", "rank", "row", "bank", "column", "bank_group", "pseudo_channel"),
}
PEERS = (
    "ramulator2-hbm2-8gb-2000",
    "ramulator2-hbm3-16gb-8hi-6400",
    "ramulator2-ddr4-8gb-x8-2400u",
    "ramulator2-ddr4-8gb-x8-3200aa",
    "ramulator2-ddr5-16gb-x8-4800bn",
    "ramulator2-lpddr5-16gb-x16-6400",
    "dramsim3-hbm2-8gb-x128",
    "dramsim3-ddr4-8gb-x8-2400",
    "dramsim3-ddr3-4gb-x8-1600",
)


def clocks(standard, end):
    return (
        end / standard.slots_per_ck if hasattr(standard, "slots_per_ck") else end / standard.spec.slots_per_ck
    )


@pytest.mark.parametrize("name", PEERS)
def test_interleaved_reads_fill_the_data_bus(name, channel):
    one = channel(name, OFF, order=ORDERS["sequential"])
    timing = one.standard.timings_ck
    expected = max(one.standard.spec.burst.cycles, timing["tCCD_S"])
    per_burst = clocks(one.standard, one.run(16384)) / 16384
    assert expected <= per_burst < expected * 1.005


@pytest.mark.parametrize("name", PEERS)
def test_row_conflicts_take_a_row_cycle_each(name, channel):
    one = channel(name, OFF, order=ORDERS["conflict"])
    timing = one.standard.timings_ck
    start = one.run(8)
    taken = clocks(one.standard, one.run(1000, first=8) - start)
    wake = one.standard.spec.column_wake
    expected = max(timing["tRC"], timing["tRAS"] + timing["tRP"])
    assert taken == 1000 * expected
    assert wake is None or one.standard.spec.column_wake.cycles == 1


@pytest.mark.parametrize("name", PEERS)
def test_new_rows_come_at_the_activation_rate(name, channel):
    one = channel(name, OFF, order=ORDERS["new rows"])
    timing = one.standard.timings_ck
    data = max(one.standard.spec.burst.cycles, timing["tCCD_S"])
    bank_limited = max(timing["tRC"], timing["tRAS"] + timing["tRP"]) / (
        one.standard.banks / one.standard.ranks
    )
    expected = max(timing["tRRD_S"], timing["tFAW"] / 4, data, bank_limited * one.standard.pseudo_channels)
    start = one.run(64)
    per_burst = clocks(one.standard, one.run(4096, first=64) - start) / 4096
    assert expected - 0.01 <= per_burst <= expected * 1.13 + 0.01
    if "dramsim3-hbm2" in name or "ramulator2-hbm2" in name or "ramulator2-lpddr5" in name:
        assert per_burst == pytest.approx(expected, rel=0.002)


@pytest.mark.parametrize(
    ("name", "cycles"), [("ramulator2-hbm2-8gb-2000", 67722), ("ramulator2-ddr4-8gb-x8-2400u", 98925)]
)
def test_one_bank_group_is_bound_by_tccd_l_as_ramulator_measures(name, cycles, channel):
    one = channel(name, OFF, order=ORDERS["one group"])
    assert abs(one.run(16384) - cycles) < 3


MEASURED = [
    # device, stream, refresh, cycles of Ramulator 2.1 c5b1c3a (FRFCFS-RowHit where both ran) in golden_public.csv
    ("ramulator2-hbm2-8gb-2000", "conflict", True, 4096, 215841),
    ("ramulator2-hbm2-8gb-2000", "new rows", True, 8192, 36341),
    ("ramulator2-hbm2-8gb-2000", "one group", True, 16384, 74953),
    ("ramulator2-hbm3-16gb-8hi-6400", "conflict", True, 4096, 323454),
    ("ramulator2-hbm3-16gb-8hi-6400", "new rows", True, 8192, 54178),
    ("ramulator2-hbm3-16gb-8hi-6400", "sequential", False, 16384, 32822),
    ("ramulator2-ddr4-8gb-x8-2400u", "sequential", True, 16384, 68874),
    ("ramulator2-ddr4-8gb-x8-2400u", "one group", True, 16384, 104095),
    ("ramulator2-lpddr5-16gb-x16-6400", "new rows", True, 8192, 35769),
    ("dramsim3-ddr4-8gb-x8-2400", "conflict", False, 4096, 229360),
]


@pytest.mark.parametrize(("name", "stream", "refresh", "count", "cycles"), MEASURED)
def test_streams_take_what_the_peers_measured(name, stream, refresh, count, cycles, channel):
    one = channel(name, *(() if refresh else (OFF,)), order=ORDERS[stream])
    assert clocks(one.standard, one.run(count)) == pytest.approx(cycles, abs=5)


def test_first_burst_pays_opening_and_latency(channel):
    one = channel("ddr4-2400", OFF)
    timing = one.standard.timings_ck
    assert one.run(1, at=1000) == 1000 + timing["tRCD"] + timing["tCL"] + 4
    assert one.cause("dram_act_pre") == timing["tRCD"]
    assert one.cause("dram_command") == timing["tCL"]
    assert one.cause("dram_data") == 4
    # the row is open now
    assert one.run(1, at=5000) == 5000 + timing["tCL"] + 4
    assert one.cause("dram_act_pre") == timing["tRCD"]


def test_causes_name_what_binds(channel):
    rows = channel("dramsim3-hbm2-8gb-x128", OFF, order=ORDERS["new rows"])
    end = rows.run(4096)
    assert rows.cause("dram_faw") > 0.7 * end
    assert rows.cause("dram_data") == 4096 * 2
    conflict = channel("ddr4-2400", OFF, order=ORDERS["conflict"])
    end = conflict.run(512)
    assert conflict.cause("dram_act_pre") > 0.9 * end
    group = channel("ddr4-2400", OFF, order=ORDERS["one group"])
    end = group.run(4096)
    assert group.cause("dram_command") == pytest.approx(end / 3, rel=0.02)  # tCCD_L 6 over a burst of 4


def test_turnaround_is_charged_where_kinds_alternate(channel):
    one = channel("ddr4-2400", OFF)
    one.run(16, READ)
    before = one.cause("dram_turnaround")
    one.run(16, WRITE, first=16)
    one.run(16, READ, first=32)
    timing = one.standard.timings_ck
    # read to write: tCL + burst + 2 - tCWL from column to column, two clocks of it idle on the bus
    to_read = timing["tWTR_L"] + timing["tCL"]
    assert one.cause("dram_turnaround") - before == pytest.approx(2 + to_read, abs=timing["tCL"])


def test_a_slow_consumer_is_charged_to_compute(channel):
    one = channel("ddr4-2400", OFF)
    start = one.run(64)
    end = one.run(64, first=64, gap=10)
    assert end - start == pytest.approx(64 * 10, abs=10)
    assert one.cause("compute") == pytest.approx(64 * 6, abs=10)


def test_a_following_stream_opens_its_rows_under_the_tail_of_the_one_before(channel):
    """Two streams back to back cost what one of both lengths costs."""
    for name in ("ddr4-2400", "hbm2", "hbm3", "ddr5-4800"):
        whole, parts = channel(name, OFF), channel(name, OFF)
        for first in range(0, 4096, 64):
            end = parts.run(64, first=first)
        assert end == whole.run(4096)
        assert (parts.causes == whole.causes).all()


def test_both_pseudo_channels_double_the_bandwidth(channel):
    one = channel("hbm2", OFF, order=ORDERS["channels"])
    assert one.run(8192) / 8192 == pytest.approx(1.0, rel=0.06)
    assert one.event("activate") == 2 * channel("hbm2", OFF).run(0) + 256


def test_idle_time_costs_nothing_but_refreshes(channel):
    one = channel("hbm2")
    first = one.run(100)
    later = 10_000_000
    assert one.run(100, first=100, at=later) - later < first + 2 * 421
    assert one.event("refresh") == pytest.approx(later / 4682, abs=2)


def test_event_counts(channel):
    one = channel("ddr4-2400", OFF)
    one.run(1024)
    one.run(512, WRITE, first=4096)
    assert one.event("column_read") == 1024
    assert one.event("column_write") == 512
    assert one.event("bytes_bank") == one.event("bytes_vault") == 1536 * 64
    assert one.event("activate") == 1024 // 128 + 4


@pytest.mark.parametrize(
    ("faster", "slower"), [("timings.tCCD_L=4", "timings.tCCD_L=6"), ("timings.tFAW=16", "timings.tFAW=26")]
)
@pytest.mark.parametrize("stream", ORDERS)
def test_faster_timings_never_slow_a_stream(faster, slower, stream, channel):
    order = ORDERS[stream]
    for stride in (1, 3, 17):
        assert channel("ddr4-2400", OFF, faster, order=order).run(2048, stride=stride) <= channel(
            "ddr4-2400", OFF, slower, order=order
        ).run(2048, stride=stride)


def test_refresh_off_is_never_slower(channel):
    for order in ORDERS.values():
        assert channel("hbm2", OFF, order=order).run(8192) <= channel("hbm2", order=order).run(8192)


def test_kernels_give_the_same_bits_interpreted():
    script = """
import sys, numpy as np
sys.path.insert(0, 'tests/arch/dram')
from conftest import Channel, compiled
from bankside.arch.dram.device.commands import PIM_RD, PIM_WR
out = []
for name in ('hbm3', 'ddr4-2400', 'hbm2-pim'):
    one = Channel(compiled(name))
    one.run(300); one.run(100, 1, first=900, stride=3, gap=7, at=9000); one.run(50, first=5, stride=257, at=30000)
    if name == 'hbm2-pim':
        one.moves(PIM_WR, 16); one.columns(200); one.moves(PIM_RD, 16)
    out += [int(one.state[0]['frontier']), *one.causes.tolist(), *one.events.tolist()]
print(out)
"""
    runs = []
    for disabled in ("0", "1"):
        import os

        env = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        runs.append(
            subprocess.run(
                [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
            )
        )
    assert runs[0].stdout == runs[1].stdout != ""
