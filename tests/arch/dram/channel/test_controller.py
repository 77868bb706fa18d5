"""Queued controllers: closed forms, causes that sum, nothing left over, refusals, the same bits without jit."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.controller import SCHEDULERS, Channel, Controller, Outcome, geometry, run
from bankside.arch.dram.channel.requests import Requests, requests
from bankside.arch.dram.device.standard import Standard
from bankside.arch.spec import ConfigError, names
from bankside.unit.channel.request_streams import PATTERNS, pattern

DEVICES = (
    "hbm2", "hbm3", "hbm4", "ddr4-2400", "ddr5-4800", "gddr6", "lpddr5", "hmc-vault", "hybrid-vault", "hbm2e",
)  # fmt: skip
OFF = {name: Controller(name, refresh=False) for name in SCHEDULERS}


def outcome(device: str, stream: str, controller: Controller, first: int = 1 << 30) -> tuple[Outcome, int]:
    standard = compiled(device)
    made = pattern(stream, geometry(standard)).first(first)
    return run(standard, made, controller), len(made)


def timings(standard: Standard) -> dict[str, int]:
    table = dict(standard.timings_ck)
    for name in ("tRCDRD", "tRCDWR"):
        table.setdefault(name, table.get("tRCD", 0))
    table["burst"] = int(standard.spec.burst.cycles)
    return table


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("device", ["ddr4-2400", "hbm2", "hbm3", "ddr5-4800", "gddr6"])
def test_row_conflicts_cost_a_row_cycle(device: str, scheduler: str) -> None:
    t = timings(compiled(device))
    result, n = outcome(device, "row_conflict_1bank", OFF[scheduler], 1000)
    cycle = max(t["tRC"], t["tRAS"] + t["tRP"])
    assert result.cycles == pytest.approx((n - 1) * cycle + t["tRCDRD"] + t["tCL"] + t["burst"], abs=3)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize(("device", "page"), [("ddr4-2400", "open"), ("hbm3", "closed")])
@pytest.mark.parametrize(
    "stream", ["rand_mix50_s4", "hot_rows_s9", "idle_rowhit_i256", "seq_mix21_bgint", "chase_rand_o4"]
)
def test_pieces_of_requests_are_served_as_the_whole(
    device: str, page: str, stream: str, scheduler: str
) -> None:
    standard, controller = compiled(device), Controller(scheduler, page)
    made = pattern(stream, geometry(standard)).first(2500)
    whole = run(standard, made, controller, trace=True)
    rng = np.random.default_rng(7)
    for most in (2, 600, 1800):
        cuts = np.unique([0, *np.cumsum(rng.integers(1, most, 2 * len(made) // most)), len(made)])
        cuts = cuts[cuts <= len(made)].tolist()
        channel = Channel(standard, controller, trace=True)
        for first, end, last in zip(cuts[:-1], cuts[1:], [*cuts[2:], len(made)], strict=True):
            channel.serve(piece(made, first, end), last - end)
        served = channel.outcome()
        assert replace(served, trace=whole.trace) == whole
        assert np.array_equal(served.trace, whole.trace)
        assert (channel.requests, channel.writes) == (len(made), int(made.op.sum()))


def piece(made: Requests, first: int, end: int) -> Requests:
    """Requests `first` to `end` of a stream."""
    fields = ("op", "pc", "bank_group", "bank", "row", "column", "at_cycle")
    return Requests(*(getattr(made, name)[first:end] for name in fields), made.max_outstanding)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("device", ["ddr4-2400", "hbm2", "hbm3", "ddr5-4800"])
def test_idle_reads_take_their_latencies(device: str, scheduler: str) -> None:
    t = timings(compiled(device))
    hit, n = outcome(device, "idle_rowhit_i256", OFF[scheduler])
    slots_per_ck = compiled(device).spec.slots_per_ck
    decision = 1 if scheduler == "per-bank" else 1 / slots_per_ck  # a slot, from a clock edge to a clock edge
    expected = t["tCL"] + t["burst"] + decision
    assert hit.read_latency_cycle == pytest.approx(expected + t["tRCDRD"] / n, abs=0.02)
    conflict, _ = outcome(device, "idle_rowconf_i512", OFF[scheduler])
    steady = conflict.read_latency_cycle + t["tRP"] / n  # the first finds the bank closed
    assert steady == pytest.approx(expected + t["tRP"] + t["tRCDRD"], abs=1)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_sequential_reads_fill_the_bus(scheduler: str) -> None:
    for device in ("ddr4-2400", "hbm2", "gddr6"):
        t = timings(compiled(device))
        result, n = outcome(device, "seq_rd_bgint", OFF[scheduler])
        assert result.cycles / n == pytest.approx(max(t["burst"], t["tCCD_S"]), rel=0.01)
        assert result.causes_slot["dram_data"] == n * t["burst"]


def test_new_rows_come_at_the_activation_rate() -> None:
    t = timings(compiled("hbm2-tfaw30"))
    result, n = outcome("hbm2-tfaw30", "bank_stride_newrow", OFF["frfcfs"])
    assert result.cycles / n == pytest.approx(max(t["tRRD_S"], t["tFAW"] / 4, t["burst"]), rel=0.03)
    assert max(result.causes_slot, key=lambda name: result.causes_slot[name]) == "dram_faw"


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("device", DEVICES)
def test_hot_rows_are_served_to_the_last(device: str, scheduler: str) -> None:
    """Writes after reads of one burst, on which DRAMsim3 hangs; causes sum to the run."""
    for refresh in (True, False):
        result, n = outcome(device, "hot_rows_s9", Controller(scheduler, refresh=refresh))
        columns = sum(result.counts[name] for name in ("RD", "WR"))
        assert result.undrained == 0
        assert columns + result.forwarded + result.merged + result.coalesced == n
        assert sum(result.causes_slot.values()) == result.slots
        assert min(result.causes_slot.values()) >= 0
        assert (result.counts["REF"] > 0) == refresh


@pytest.mark.slow
@pytest.mark.parametrize("device", [name for name in names("devices") if not name.startswith("hbf")])
def test_d4_every_stream_is_served_to_the_last_on_every_device(device: str) -> None:
    for stream in PATTERNS:
        if stream.startswith("dual_pc") and compiled(device).pseudo_channels < 2:
            continue
        for scheduler in SCHEDULERS:
            result, n = outcome(device, stream, Controller(scheduler))
            columns = sum(result.counts[name] for name in ("RD", "WR"))
            assert result.undrained == 0
            assert columns + result.forwarded + result.merged + result.coalesced == n
            assert sum(result.causes_slot.values()) == result.slots


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_refresh_off_is_never_slower(scheduler: str) -> None:
    for stream in ("seq_rd_bgint", "rand_rd_s1", "seq_mix21_bgint"):
        on, _ = outcome("ddr4-2400", stream, Controller(scheduler), 6000)
        off, _ = outcome("ddr4-2400", stream, OFF[scheduler], 6000)
        assert off.cycles <= on.cycles
        hot, _ = outcome("ddr4-2400", stream, Controller(scheduler, refresh_multiplier=2), 6000)
        assert abs(hot.counts["REF"] - 2 * hot.cycles / on.cycles * on.counts["REF"]) <= 2


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_closed_pages_open_a_row_for_every_access(scheduler: str) -> None:
    for stream in ("rand_rd_s1", "seq_mix11_rowmajor", "hot_rows_s9"):
        for device in ("ddr4-2400", "hbm2", "gddr6"):
            result, n = outcome(device, stream, Controller(scheduler, page="closed", refresh=False), 3000)
            columns = result.counts["RDA"] + result.counts["WRA"]
            assert result.counts["ACT"] == columns
            assert columns + result.forwarded + result.merged + result.coalesced == n
            assert result.undrained == result.counts["PRE"] == result.counts["RD"] == result.counts["WR"] == 0


def test_repeated_bursts() -> None:
    """A write then reads of its burst; a second write to it; two reads of another burst at once."""
    zero = np.zeros(7, np.int64)
    row = np.array([7, 8, 1, 1, 1, 2, 2])  # two conflicting reads first, so that the writes wait
    stream = requests((zero, zero, row, zero), op=np.array([0, 0, 1, 0, 1, 0, 0]))
    first = run(compiled("ddr4-2400"), stream, OFF["frfcfs"])
    assert (first.forwarded, first.coalesced, first.merged) == (1, 1, 0)
    assert (first.counts["RD"], first.counts["WR"]) == (4, 1)
    banked = run(compiled("ddr4-2400"), stream, OFF["per-bank"])
    assert (banked.forwarded, banked.coalesced, banked.merged) == (1, 1, 1)
    assert (banked.counts["RD"], banked.counts["WR"]) == (3, 1)


def test_idle_time_costs_no_work_and_is_charged_to_waiting() -> None:
    zero = np.zeros(3, np.int64)
    stream = requests((zero, zero, zero, zero), at_cycle=np.array([0, 10**9, 2 * 10**9]))
    for controller in OFF.values():
        result = run(compiled("ddr4-2400"), stream, controller)
        assert result.causes_slot["sync"] > 1.99e9
        assert result.cycles == pytest.approx(2e9, abs=60)


def test_wrong_settings_are_refused_in_sentences() -> None:
    with pytest.raises(ConfigError) as caught:
        Controller("fifo", page="half", depth=0)
    assert len(caught.value.errors) == 3
    bad = requests((np.array([9]), np.array([0]), np.array([0]), np.array([0])))
    with pytest.raises(ConfigError, match="bank_group runs from 9"):
        run(compiled("ddr4-2400"), bad, Controller())


PROGRAM = """
import json
from bankside.arch.dram.channel.controller import Controller, geometry, run
from bankside.arch.dram.device.device import DeviceSpec
from bankside.unit.channel.request_streams import pattern
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.spec import load
found = []
for device in ("ddr4-2400", "hbm3", "lpddr5"):
    standard = compile_standard(load(device, "devices", DeviceSpec).spec)
    for scheduler in ("frfcfs", "frfcfs-rowhit", "per-bank"):
        stream = pattern("hot_rows_s9", geometry(standard)).first(150)
        result = run(standard, stream, Controller(scheduler), trace=True)
        found.append([result.trace.tolist(), result.causes_slot, result.read_latency_cycle, result.open_slots])
print(json.dumps(found))
"""


def test_interpreted_gives_the_same_bits() -> None:
    printed = []
    for disable in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disable}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
        )
        printed.append(json.loads(done.stdout))
    assert printed[0] == printed[1]
