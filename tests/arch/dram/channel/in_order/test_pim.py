"""PIM streams: all-bank bandwidth with every limit off, each limit's own closed form, modes, registers."""

import pytest

from bankside.arch.dram.channel.in_order.stream import PIM_MAC, PIM_READ, PIM_WRITE, READ
from bankside.arch.dram.device.peak import peak_bytes_per_s

OFF = "refresh.mode=off"
FREE = (OFF, "pim.limits.tRRD=false", "pim.limits.tFAW=false", "pim.limits.power=false")


def row_slots(one, rows=40, gap=0):
    """Slots that one row (32 columns) of MACs takes in the steady state."""
    start = one.run(32 * 8, PIM_MAC, gap=gap)
    return (one.run(32 * rows, PIM_MAC, first=32 * 8, gap=gap) - start) / rows


def test_all_bank_bandwidth_with_every_limit_off_is_banks_times_column_over_tccd(channel):
    """Rows of one slice cannot hide their opening; those of the next slice can."""
    one = channel("hybrid-vault", *FREE)
    timing = one.standard.timings_ck
    opening = timing["tRTP"] + timing["tRP"] + timing["tRCD"] - timing["tCCD_L"]
    assert row_slots(one) == 32 * timing["tCCD_L"] + opening
    assert one.cause("dram_faw") == one.cause("dram_power") == 0
    groups = channel("hybrid-vault", *FREE, scope="bank_group")
    assert row_slots(groups) == 32 * timing["tCCD_L"]
    moved = 4 * 64 * 32 / (32 * timing["tCCD_L"] * 1e-9)
    assert moved == pytest.approx(peak_bytes_per_s(groups.standard, "bank_group"))


def test_tfaw_lowers_it_by_its_own_closed_form(channel):
    free, limited = channel("hybrid-vault", *FREE), channel("hybrid-vault", *FREE[:2], FREE[3])
    stages = 16 // 4
    assert row_slots(limited) - row_slots(free) == (stages - 1) * limited.standard.timings_ck["tFAW"]
    assert limited.cause("dram_faw") == pytest.approx(47 * (stages - 1) * 16, abs=64)


def test_trrd_lowers_it_by_its_own_closed_form(channel):
    free, limited = channel("hybrid-vault", *FREE), channel("hybrid-vault", OFF, *FREE[2:])
    timing = limited.standard.timings_ck
    assert row_slots(limited) - row_slots(free) == (16 - 1) * timing["tRRD_S"]


def test_power_lowers_it_by_its_own_closed_form(channel):
    power = "pim.limits.power={window: 1 us, activates: 32}"
    limited = channel("hybrid-vault", *FREE[:3], power)
    assert row_slots(limited) == 1000 * 16 / 32  # 16 activations a row, 32 in a microsecond
    assert limited.cause("dram_power") > 0.6 * limited.causes.sum()
    mild = channel("hybrid-vault", *FREE[:3], "pim.limits.power={window: 1 us, activates: 256}")
    assert row_slots(mild) == row_slots(channel("hybrid-vault", *FREE))


@pytest.mark.parametrize("limit", ["tRRD", "tFAW"])
def test_a_limit_switched_on_never_makes_it_faster(limit, channel):
    on = channel("hybrid-vault", *(o for o in FREE if limit not in o))
    assert row_slots(on) > row_slots(channel("hybrid-vault", *FREE))


def test_attacc_power_limit_slows_the_mac(channel):
    on = channel("hbm3-attacc", OFF, scope="bank_group")
    off = channel("hbm3-attacc", OFF, "pim.limits.power=false", scope="bank_group")
    assert row_slots(on) == 32 * 6
    assert row_slots(off) == 32 * 4
    assert on.cause("dram_power") == pytest.approx(on.causes.sum() / 3, rel=0.02)


def test_slow_lanes_are_charged_to_compute(channel):
    one = channel("hybrid-vault", *FREE, scope="bank_group")
    assert row_slots(one, gap=10) == pytest.approx(320, abs=0.2)  # the first of a stream is not paced
    assert one.cause("compute") == pytest.approx(48 * 32 * 6, rel=0.01)


def test_aim_gives_a_column_of_every_bank_each_nanosecond(channel):
    one = channel("gddr6-aim", OFF)
    start = one.run(64, PIM_MAC)
    busy = one.run(64, PIM_MAC, first=64) - start
    opening = busy - 64 * 2
    timing = one.standard.timings_ck
    assert opening == max(timing["tRTP"] + timing["tRP"] + timing["tRCDRD"] - 2, 0)


def test_pseudo_channels_work_in_lock_step(channel):
    one = channel("hbm2-pim", OFF, scope="bank_pair")
    one.run(320, PIM_MAC)
    assert one.event("column_read") == 320 * 8 * 2
    assert one.event("bytes_bank") == 320 * 8 * 2 * 32
    assert one.event("bytes_bank_group") == 0
    assert one.event("activate") == 2 * 8 * 10  # ten segments of 32 columns
    groups = channel("hybrid-vault", OFF, scope="bank_group")
    groups.run(32, PIM_MAC)
    assert groups.event("bytes_bank_group") == groups.event("bytes_bank") == 32 * 4 * 64


def test_modes_that_exclude_each_other_cost_a_switch(channel):
    one = channel("hybrid-vault", OFF)
    timing = one.standard.timings_ck
    end = one.run(64, READ)
    assert one.event("mode_switch") == 0
    entered = one.run(1, PIM_WRITE)
    assert one.event("mode_switch") == 1
    assert entered - end >= timing["tMOD"]
    assert one.cause("pim_mode") >= timing["tMOD"]
    one.run(64, PIM_MAC), one.run(4, PIM_READ)
    assert one.event("mode_switch") == 1
    one.run(1, READ)
    assert one.event("mode_switch") == 2
    mixed = channel("gddr6-aim", OFF)
    mixed.run(64, READ), mixed.run(64, PIM_MAC), mixed.run(64, READ)
    assert mixed.event("mode_switch") == mixed.cause("pim_mode") == 0


@pytest.mark.parametrize("kind", [PIM_WRITE, PIM_READ])
def test_broadcast_and_drain_take_real_columns(kind, channel):
    one = channel("hbm2-pim", OFF)
    start = one.run(8, kind)
    assert one.run(256, kind) - start == 256 * 4  # every bank's registers: tCCD_L
    assert one.event("bytes_vault") == 264 * 32 * 2
    assert one.event("bytes_bank") == 0


def test_refresh_interrupts_macs_and_reopens_their_rows(channel):
    one, free = channel("hbm2-pim"), channel("hbm2-pim", OFF)
    on, off = one.run(20_000, PIM_MAC), free.run(20_000, PIM_MAC)
    timing = one.standard.timings_ck
    assert 1 - off / on == pytest.approx(timing["tRFC"] / timing["tREFI"], rel=0.15)
    assert one.event("activate") == pytest.approx(
        free.event("activate") + 32 * one.event("refresh"), abs=32 * 5
    )


def test_a_strided_and_a_repeated_row_stream(channel):
    one = channel("hybrid-vault", *FREE)
    one.run(8, PIM_MAC, stride=32)  # one column of each row
    assert one.event("activate") == 8 * 16
    again = channel("hybrid-vault", *FREE)
    again.run(100, PIM_MAC, stride=0)  # the same column
    assert again.event("activate") == 16
