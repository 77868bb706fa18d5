"""Energy of the core over a run: commands times the device's energies, in true joules."""

import pytest
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.controller import Controller, geometry, run
from bankside.unit.channel.channel_energy import core_energy_j, core_energy_parts_j
from bankside.unit.channel.request_streams import pattern


def test_parts_are_commands_times_the_idd_sets_energies():
    standard = compiled("dramsim3-ddr4-8gb-x8-2400")
    done = run(standard, pattern("seq_rd_bgint", geometry(standard)).first(4096), Controller("per-bank"))
    parts = core_energy_parts_j(standard, done)
    assert sum(parts.values()) == pytest.approx(core_energy_j(standard, done), rel=1e-12)
    assert parts["read"] == pytest.approx(4096 * 2932.2e-12, rel=1e-4)  # 2932.2 pJ a burst
    assert parts["activate"] == pytest.approx(done.counts["ACT"] * 3450.1e-12, rel=1e-9)
    assert parts["refresh"] == pytest.approx(done.counts["REF"] * 692.74e-9, rel=1e-9)
    assert parts["write"] == 0
    slot_s = standard.slot_fs * 1e-15
    standby = done.open_slots * 0.4128 + (done.slots - done.open_slots) * 0.3264
    assert parts["background"] == pytest.approx(standby * slot_s, rel=1e-9)


PEER = [
    # DRAMsim3 29817593, all-bank refresh: pJ/bit of 16384 sequential and of 16384 random reads, times tCK
    ("dramsim3-hbm2-8gb-x128", "seq_rd_bgint", 1.968),
    ("dramsim3-hbm2-8gb-x128", "rand_rd_s1", 4.473),
    ("dramsim3-hbm1-4gb-x128", "seq_rd_bgint", 3.605),
    ("dramsim3-ddr4-8gb-x8-2400", "seq_rd_bgint", 9.169),
    ("dramsim3-ddr4-8gb-x8-2400", "rand_rd_s1", 18.056),
    ("dramsim3-ddr4-8gb-x8-3200", "rand_rd_s1", 20.128),
    ("dramsim3-lpddr4-8gb-x16-2400", "seq_rd_bgint", 8.068),
    ("dramsim3-gddr5x-8gb-x32", "rand_rd_s1", 22.963),
    ("dramsim3-gddr6-8gb-x16", "rand_rd_s1", 6.368),
]


@pytest.mark.parametrize(("name", "stream", "pj_per_bit"), PEER)
def test_energy_of_a_bit_is_the_peers_in_true_joules(name, stream, pj_per_bit):
    standard = compiled(name)
    requests = pattern(stream, geometry(standard))
    done = run(standard, requests, Controller("per-bank"))
    bits = len(requests) * standard.burst_bytes * 8
    assert core_energy_j(standard, done) * 1e12 / bits == pytest.approx(pj_per_bit, rel=5e-4)


def test_standby_alone_costs_when_nothing_is_moved_for_long():
    standard = compiled("dramsim3-hbm2-8gb-x128")
    requests = pattern("idle_rowhit_i256", geometry(standard))
    parts = core_energy_parts_j(standard, run(standard, requests, Controller("per-bank", refresh=False)))
    assert parts["refresh"] == 0
    assert parts["background"] > 10 * (parts["read"] + parts["activate"])
