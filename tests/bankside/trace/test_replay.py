"""Replayed traces give what the same requests give by formula, and what the peers gave for them."""

from pathlib import Path

import numpy as np
import pytest
from tests.arch.dram.brute import Seen, violations

from bankside.arch.dram.channel.controller import Controller, geometry, run
from bankside.arch.dram.channel.requests import Requests
from bankside.arch.dram.device.commands import COMMANDS
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import load
from bankside.trace.command_trace import command_lines
from bankside.trace.replay import Replay, replay
from bankside.trace.request_trace import ORDER, field_order, read_trace
from bankside.unit.channel.request_streams import pattern


def standard(name: str) -> Standard:
    return compile_standard(load(name, "devices", DeviceSpec).spec)


def vectors(device: Standard, requests: Requests) -> str:
    """A trace of Ramulator's address vectors."""
    middle = [requests.pc] if device.pseudo_channels > 1 else []
    columns = [*middle, requests.bank_group, requests.bank, requests.row, requests.column]
    rows = np.column_stack(columns).tolist()
    words = ["RW"[op] for op in requests.op.tolist()]
    return "".join(f"{word} 0,{','.join(map(str, row))}\n" for word, row in zip(words, rows, strict=True))


def addresses(device: Standard, requests: Requests) -> str:
    """A DRAMsim3 trace for the mapping rorabgbachco."""
    burst = requests.row
    for part, size in (
        (requests.bank_group, device.bank_groups),
        (requests.bank, device.banks_per_group),
        (requests.column, device.columns),
    ):
        burst = burst * size + part
    words = [("READ", "WRITE")[op] for op in requests.op.tolist()]
    lines = zip((burst * device.burst_bytes).tolist(), words, requests.at_cycle.tolist(), strict=True)
    return "".join(f"{address:#x} {word} {clock}\n" for address, word, clock in lines)


def replayed(path: Path, text: str, device: Standard, controller: Controller, **options) -> Replay:
    path.write_text(text)
    named = "rorabgbachco" if device.pseudo_channels == 1 else ",".join(ORDER)
    trace = read_trace(path, device, order=field_order(named))
    return replay(device, trace, controller, **options)


def test_an_address_vector_trace_gives_the_peers_cycles(tmp_path):
    device = standard("ramulator2-ddr4-8gb-x8-2400u")
    requests = pattern("rand_rd_s1", geometry(device))
    done = replayed(tmp_path / "t", vectors(device, requests), device, Controller("frfcfs")).data()
    assert done["cycles"] == 113604  # Ramulator 2.1 c5b1c3a, FRFCFS, refresh on
    assert done["commands"]["RD"] == 16384


def test_an_address_trace_gives_the_peers_cycles(tmp_path):
    device = standard("dramsim3-hbm2-8gb-x128")
    requests = pattern("rand_rd_s1", geometry(device))
    done = replayed(tmp_path / "t", addresses(device, requests), device, Controller("per-bank")).data()
    assert done["cycles"] == 134090  # DRAMsim3 29817593, refresh on
    assert sum(done["energy_j"].values()) == pytest.approx(37.52457e-6, rel=2e-4)


@pytest.mark.parametrize("stream", ["rand_mix50_s4", "idle_rowhit_i256", "rand_rd_i32", "hot_rows_s9"])
def test_what_is_written_and_read_again_runs_the_same(tmp_path, stream):
    device = standard("dramsim3-ddr4-8gb-x8-2400")
    requests = pattern(stream, geometry(device)).first(2000)
    straight = run(device, requests, Controller("per-bank"), trace=True)
    done = replayed(
        tmp_path / "t", addresses(device, requests), device, Controller("per-bank"), commands=True
    )
    assert done.channels[0].cycles == straight.cycles
    assert done.channels[0].causes_slot == straight.causes_slot
    assert np.array_equal(done.channels[0].trace, straight.trace)


def test_channels_run_side_by_side(tmp_path):
    device = standard("hbm3")
    one = "".join(f"R 3,0,0,{i % 4},0,0,{i % 32}\n" for i in range(400))
    both = "".join(f"R {c},0,0,{i % 4},0,0,{i % 32}\n" for i in range(400) for c in (3, 9))
    alone = replayed(tmp_path / "t", one, device, Controller()).data()
    pair = replayed(tmp_path / "t", both, device, Controller()).data()
    assert pair["cycles"] == alone["cycles"]
    assert pair["bandwidth_Bps"] == pytest.approx(2 * alone["bandwidth_Bps"])
    assert pair["read_latency_cycles"] == pytest.approx(alone["read_latency_cycles"])
    assert pair["commands"]["RD"] == 800
    assert list(pair["channels"]) == ["3", "9"]
    assert pair["energy_j"]["read"] == pytest.approx(2 * alone["energy_j"]["read"])


def test_figures_hang_together(tmp_path):
    device = standard("ddr4-2400")
    text = vectors(device, pattern("long_rand_mix20_s6", geometry(device)).first(4000))
    done = replayed(tmp_path / "t", text, device, Controller()).data()
    assert done["reads"] + done["writes"] == done["requests"] == 4000
    assert done["time_s"] * done["clock_hz"] == pytest.approx(done["cycles"])
    assert done["bandwidth_Bps"] == pytest.approx(4000 * 64 / done["time_s"])
    assert done["utilisation"] == pytest.approx(done["bandwidth_Bps"] / 19.2e9)
    assert done["undrained"] == 0
    # the run is counted from the first offer, one slot after its beginning
    assert sum(done["cycle_stack"].values()) == done["cycles"] + 1
    assert done["commands"]["RD"] + done["forwarded"] == done["reads"]


@pytest.mark.parametrize("name", ["hbm3", "lpddr5", "ddr4-2400", "hbm4"])
@pytest.mark.parametrize("scheduler", ["frfcfs", "frfcfs-rowhit", "per-bank"])
def test_d3_the_written_commands_keep_the_rules_of_a_bank(tmp_path, name, scheduler):
    """Read back from the text alone: rows are open when columns come, and tRCD, tRP and tRC are kept, rank by rank."""
    device = standard(name)
    lines = random_lines(device, 1500)
    done = replayed(tmp_path / "t", "".join(lines), device, Controller(scheduler), commands=True)
    t, ranks = device.timings_ck, set()
    row, opened, closed = {}, {}, {}
    held = (
        device.spec.command_cycles.get("ACT", 1) - 1 / device.spec.slots_per_ck
    )  # to the last slot of a long one
    for line in "".join(command_lines(device, [(0, done.channels[0].trace)], done.first_slot)).splitlines():
        clock, word, channel, rank, *bank, at, _ = line.split()
        now, where = float(clock), (channel, rank, *bank)
        ranks.add(rank)
        if word == "activate":
            assert where not in row
            assert now - opened.get(where, -1e9) >= t["tRAS"] + t["tRP"]
            assert now + held - closed.get(where, -1e9) >= t["tRP"]
            row[where], opened[where] = at, now
        elif word in ("read", "write"):
            assert row[where] == at
            assert now - opened[where] >= min(t.get("tRCDRD", 1e9), t.get("tRCDWR", 1e9), t.get("tRCD", 1e9))
        elif word == "precharge":
            del row[where]
            closed[where] = now
        elif word == "precharge_all":
            for other in [one for one in row if one[:2] == where[:2]]:
                del row[other]
                closed[other] = now
        elif word == "refresh":
            assert not [one for one in row if one[:2] == where[:2]]
    assert len(ranks) == device.ranks
    counts = done.data()["commands"]
    assert (
        counts["RD"]
        + counts["WR"]
        + done.data()["forwarded"]
        + done.data()["coalesced"]
        + done.data()["merged"]
        == 1500
    )


@pytest.mark.parametrize(
    ("name", "scheduler"),
    [
        ("hbm3", "frfcfs"),
        ("hbm4", "frfcfs-rowhit"),
        ("attacc-hbm3-5200", "frfcfs"),
        ("attacc-hbm3-5200", "per-bank"),
    ],
)
def test_d1_commands_of_all_ranks_are_legal_by_the_device_file(tmp_path, name, scheduler):
    """Pair by pair against the constraint list, data bus and turnarounds between ranks among them."""
    device = standard(name)
    text = "".join(random_lines(device, 400))
    done = replayed(tmp_path / "t", text, device, Controller(scheduler), commands=True)
    std, commands = device.packed[0], []
    for slot, code, bank, row, _ in done.channels[0].trace.tolist():
        word, banks = COMMANDS[code], (bank,)
        if word in ("PREA", "REF"):
            nodes = std["path"][: device.banks, std["refresh_level"]]
            banks = tuple(np.flatnonzero(nodes == nodes[bank]).tolist())
        commands.append(Seen(slot - done.first_slot, word, banks, row))
    assert violations(device, commands, "bank") == []
    late = [one._replace(slot=one.slot - 1) if one.name == "RD" else one for one in commands]
    assert violations(device, late, "bank") != []  # the checker sees what is one slot too early


def random_lines(device: Standard, count: int) -> list[str]:
    """Random address vectors over all ranks of channel 0, a third of them writes."""
    rng = np.random.default_rng(5)
    levels = (
        (1, True),
        (device.pseudo_channels, device.pseudo_channels > 1),
        (device.ranks, device.ranks > 1),
        (device.bank_groups, device.bank_groups > 1),
        (device.banks_per_group, True),
        (50, True),
        (device.columns, True),
    )
    return [
        f"{'RRW'[rng.integers(3)]} {','.join(str(rng.integers(size)) for size, named in levels if named)}\n"
        for _ in range(count)
    ]
