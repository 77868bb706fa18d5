"""Programs on a channel: all-bank bandwidth with every limit off, each limit's own closed form, modes, registers."""

import numpy as np
import pytest
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.in_order.stream import READ
from bankside.arch.dram.channel.pim.program import PimProgram
from bankside.arch.dram.channel.pim.run import AHEAD, Controller, run_programs, trace_lines
from bankside.arch.dram.device.commands import ENTER, MAC, PIM_RD, PIM_WR
from bankside.arch.dram.device.peak import peak_bytes_per_s
from bankside.arch.spec import ConfigError

OFF = "refresh.mode=off"
FREE = (OFF, "pim.limits.tRRD=false", "pim.limits.tFAW=false", "pim.limits.power=false")


def steady(standard, rows=40):
    """Slots that one row (32 columns) of MACs takes in the steady state of a program."""
    ends = []
    for n in (8, 8 + rows):
        program, slices = PimProgram(), int(standard.packed[0]["slices"])
        for k in range(n):
            bank = int(standard.packed[0]["member"][k % slices * standard.packed[0]["slice_banks"]])
            program.add(MAC, bank, k // slices, range(32))
        ends.append(run_programs(standard, [program.entries()], Controller(AHEAD, 64)).command_slots)
    return (ends[1] - ends[0]) / rows


def test_all_bank_bandwidth_with_every_limit_off_is_banks_times_column_over_tccd(device):
    """Rows of one slice cannot hide their opening; those of the next slice can."""
    one = device("hybrid-vault", *FREE)
    timing = one.timings_ck
    opening = timing["tRTP"] + timing["tRP"] + timing["tRCD"] - timing["tCCD_L"]
    assert steady(one) == 32 * timing["tCCD_L"] + opening
    groups = device("hybrid-vault", *FREE, scope="bank_group")
    assert steady(groups) == 32 * timing["tCCD_L"]
    moved = 4 * 64 * 32 / (32 * timing["tCCD_L"] * 1e-9)
    assert moved == pytest.approx(peak_bytes_per_s(groups, "bank_group"))


def test_tfaw_lowers_it_by_its_own_closed_form(device, channel):
    free, limited = device("hybrid-vault", *FREE), device("hybrid-vault", *FREE[:2], FREE[3])
    stages = 16 // 4
    assert steady(limited) - steady(free) == (stages - 1) * limited.timings_ck["tFAW"]
    one = channel("hybrid-vault", *FREE[:2], FREE[3])
    one.columns(32 * 48)
    assert one.cause("dram_faw") == pytest.approx(47 * (stages - 1) * 16, abs=64)


def test_trrd_lowers_it_by_its_own_closed_form(device):
    free, limited = device("hybrid-vault", *FREE), device("hybrid-vault", OFF, *FREE[2:])
    assert steady(limited) - steady(free) == (16 - 1) * limited.timings_ck["tRRD_S"]


def test_power_lowers_it_by_its_own_closed_form(device, channel):
    power = "pim.limits.power={window: 1 us, activates: 32}"
    assert steady(device("hybrid-vault", *FREE[:3], power)) == 1000 * 16 / 32  # 16 a row, 32 in a microsecond
    one = channel("hybrid-vault", *FREE[:3], power)
    one.columns(32 * 48)
    assert one.cause("dram_power") > 0.6 * one.causes.sum()
    mild = device("hybrid-vault", *FREE[:3], "pim.limits.power={window: 1 us, activates: 256}")
    assert steady(mild) == steady(device("hybrid-vault", *FREE))


@pytest.mark.parametrize("limit", ["tRRD", "tFAW"])
def test_a_limit_switched_on_never_makes_it_faster(limit, device):
    on = device("hybrid-vault", *(o for o in FREE if limit not in o))
    assert steady(on) > steady(device("hybrid-vault", *FREE))


def test_attacc_power_limit_slows_the_mac(device, channel):
    assert steady(device("hbm3-attacc", OFF, scope="bank_group")) == 32 * 6
    assert steady(device("hbm3-attacc", OFF, "pim.limits.power=false", scope="bank_group")) == 32 * 4
    one = channel("hbm3-attacc", OFF, scope="bank_group")
    one.columns(32 * 48)
    assert one.cause("dram_power") == pytest.approx(one.causes.sum() / 3, rel=0.03)


def test_slow_lanes_are_charged_to_compute(channel):
    one, longer = (channel("hybrid-vault", *FREE, scope="bank_group") for _ in range(2))
    assert longer.columns(32 * 48, gap=10) - one.columns(32 * 8, gap=10) == 40 * 320
    assert longer.cause("compute") - one.cause("compute") == 40 * 32 * 6


def test_lanes_end_after_their_last_column(channel):
    one = channel("hybrid-vault", *FREE)
    slow = channel("hybrid-vault", *FREE)
    assert slow.columns(1, gap=1000) - one.columns(1) == 1000 - one.standard.timings_ck["tCCD_L"]


def test_pseudo_channels_work_in_lock_step(channel):
    one = channel("hbm2-pim", OFF, scope="bank_pair")
    one.columns(320)
    parked = 16
    assert one.event("column_read") == (320 * 8 + parked) * 2
    assert (
        one.event("bytes_bank") == (320 * 8 + parked + 4) * 2 * 32
    )  # and four writes on the way into the mode
    moved = [line for line in trace_lines(one.trace) if line[1] == "MAC"]
    first = [(bank, row, column) for _, _, bank, row, column in moved if bank < 16]
    assert [(bank - 16, row, column) for _, _, bank, row, column in moved if bank >= 16] == first
    groups = channel("hybrid-vault", OFF, scope="bank_group")
    groups.columns(32)
    assert groups.event("bytes_bank_group") == groups.event("bytes_bank") == 32 * 4 * 64


def test_pseudo_channels_that_differ_are_closed_first(channel):
    one = channel("hbm3-attacc", OFF)
    one.run(4, READ)
    rows = one.state[0]["row"][: one.standard.banks].reshape(2, -1)
    assert not np.array_equal(rows[0], rows[1])
    one.columns(32)
    rows = one.state[0]["row"][: one.standard.banks].reshape(2, -1)
    assert np.array_equal(rows[0], rows[1])


def test_a_command_switches_modes_when_all_is_closed(channel):
    one = channel("hybrid-vault", OFF)
    timing = one.standard.timings_ck
    end = one.run(64, READ)
    assert one.event("mode_switch") == 0
    entered = one.moves(PIM_WR, 8)
    assert one.event("mode_switch") == one.state[0]["mode"] == 1
    assert entered - end >= timing["tMOD"]
    assert one.cause("pim_mode") >= timing["tMOD"]
    one.columns(64), one.moves(PIM_RD, 8)
    assert one.event("mode_switch") == 1
    one.columns(64)
    assert [name for _, name, *_ in trace_lines(one.trace)].count("ENTER") == 1
    mixed = channel("gddr6-aim", OFF)
    mixed.run(64, READ), mixed.columns(64), mixed.run(64, READ)
    assert mixed.event("mode_switch") == mixed.cause("pim_mode") == 0


def test_accesses_switch_modes_and_cost_what_their_timings_make_of_them(channel):
    """Parking, reserved rows and kernel code of HBM-PIM: a longer tRP or tRCD makes the way in and out longer."""
    costs = []
    for override in ((), ("timings.tRP=24",), ("timings.tRCDRD=34",)):
        one = channel("hbm2-pim", OFF, *override, scope="bank_pair")
        one.program(PimProgram().entries(), leave=True)
        costs.append(one.cause("pim_mode"))
        assert one.event("mode_switch") == 2
        assert one.state[0]["mode"] == 0
        names = [name for _, name, *_ in trace_lines(one.trace)]
        assert names.count("RD") == 2 * 2 * 16
        assert names.count("WR") == 2 * 4
        assert names.count("PIM_WR") == 2 * 3
        assert ENTER not in names
    assert costs[0] < costs[1]
    assert costs[0] < costs[2]


@pytest.mark.parametrize("command", [PIM_WR, PIM_RD])
def test_broadcast_and_drain_take_real_columns(command, channel):
    one, longer = channel("hbm2-pim", OFF), channel("hbm2-pim", OFF)
    assert longer.moves(command, 264) - one.moves(command, 8) == 256 * 4  # every bank's registers: tCCD_L
    assert longer.event("bytes_vault") - one.event("bytes_vault") == 256 * 32 * 2
    assert longer.event("bytes_bank") == one.event("bytes_bank")


def test_a_broadcast_opens_the_row_of_the_registers(channel):
    one = channel("hbm2-pim", OFF, "pim.mode=mixed", scope="bank_pair")
    one.moves(PIM_WR, 8)
    rows = one.state[0]["row"][:32]
    assert set(rows) == {-1, one.standard.rows - 1}
    assert (rows >= 0).sum() == 16  # the odd banks of both pseudo-channels
    buffers = channel("hbm2-pim", OFF, "pim.mode=mixed", "pim.registers=buffer", scope="bank_pair")
    buffers.moves(PIM_WR, 8)
    assert set(buffers.state[0]["row"][:32]) == {-1}


def test_refresh_comes_between_the_rows_of_macs(channel):
    one, free = channel("hbm2-pim", "pim.mode=mixed"), channel("hbm2-pim", OFF, "pim.mode=mixed")
    on, off = one.columns(20_000), free.columns(20_000)
    timing = one.standard.timings_ck
    assert 1 - off / on == pytest.approx(timing["tRFC"] / timing["tREFI"], rel=0.15)
    # columns run beside the precharge of a refresh, which comes when those of a row have ended
    assert one.event("activate") == free.event("activate")
    assert one.event("refresh") == on // timing["tREFI"]
    assert one.cause("dram_refresh") == pytest.approx(on - off, rel=0.1)


def test_refreshes_of_single_banks_are_put_off_and_made_up_for(channel):
    """For eight rounds units keep all their rows open; then what is owed comes at once, and the next eight begin."""
    one = channel("hbm2-pim", "pim.mode=mixed", "refresh.mode=per_bank")
    free = channel("hbm2-pim", OFF, "pim.mode=mixed")
    timings = one.standard.timings_ck
    rounds = 8 * timings["tREFI"]
    while one.columns(400) < rounds:
        assert one.event("refresh_bank") == 0
        assert int(one.state[0]["frontier"]) == free.columns(400)
    for _ in range(200):
        one.columns(400)
    due = int(one.state[0]["frontier"]) * one.standard.banks / timings["tREFI"]
    assert due - 9 * one.standard.banks <= one.event("refresh_bank") <= due
    assert one.cause("dram_refresh") > 0


def test_a_refresh_that_waits_is_left_to_who_comes_next(channel):
    one = channel("hbm2-pim", "pim.mode=mixed")
    for _ in range(200):
        one.columns(40)
    slots = int(one.state[0]["frontier"])
    assert one.event("refresh") == pytest.approx(slots / one.standard.timings_ck["tREFI"], abs=1.01)


def test_steps_that_a_device_does_not_have_are_refused():
    with pytest.raises(ConfigError, match="bank 16 is none of the 16 of a pseudo-channel"):
        compiled("hbm2-pim", ("pim.exit=[{command: RD, banks: [16], row: 0}]",))
    with pytest.raises(ConfigError, match="row 16384 is none of the 16384 of a bank"):
        compiled("hbm2-pim", ("pim.exit=[{command: RD, row: 16384}]",))
    with pytest.raises(ConfigError, match="2 columns from -1 on are not in a row of 32"):
        compiled("hbm2-pim", ("pim.exit=[{command: RD, row: 0, column: -1, count: 2}]",))
    with pytest.raises(ConfigError, match="1 columns from 32 on are not in a row of 32"):
        compiled("hbm2-pim", ("pim.exit=[{command: RD, row: 0, column: 32}]",))
