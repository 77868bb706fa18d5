"""Refreshes: how many, what they cost, hot and per bank, and that idle time is jumped."""

import pytest
from tests.arch.dram.conftest import Channel, compiled

from bankside.arch.dram.banks.bank import earliest_why, issue, new_state
from bankside.arch.dram.banks.refresh import OPEN, POSTPONED, refreshed_banks
from bankside.arch.dram.device.commands import ACT, REFSB
from bankside.arch.dram.flash.device import FlashSpec
from bankside.arch.machine.devices import device_class
from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import names

BANK_BY_BANK = [
    name
    for name in names("devices")
    if not issubclass(device_class(name), FlashSpec)
    and "tREFIpb" in compiled(name).timings_ck
    and not name.startswith("ramulator2-")  # these hold the tool's own values, gaps included
]


def each_interval(one: Channel) -> int:
    """Slots between refreshes of single banks."""
    return int(one.standard.timings_ck["tREFIpb"]) * one.standard.spec.slots_per_ck


def last_column(one: Channel) -> int:
    """Slot of the last column command: what is due up to it has been met, later refreshes have not been looked at."""
    return int(one.state[0]["column_slot"].max())


def refreshes_met(one: Channel) -> int:
    """Refreshes of single banks that have been done, are put off, or whose bank is precharged and waits for it."""
    nodes = one.standard.banks // refreshed_banks(one.packed[0])
    done, left = divmod(one.event("refresh_bank"), nodes)
    assert left == 0
    return done + int(one.state[0]["owed"]) + int(one.state[0]["closing"] != OPEN)


@pytest.mark.parametrize(
    "name", ["hbm2", "hbm3", "ddr4-2400", "ddr5-4800", "lpddr5", "gddr6", "hybrid-vault"]
)
def test_refresh_costs_about_its_share_of_the_time(name, channel):
    with_refresh, without = channel(name), channel(name, "refresh.mode=off")
    count = 60_000
    on, off = with_refresh.run(count), without.run(count)
    timing = with_refresh.standard.timings_ck
    share = timing["tRFC"] / timing["tREFI"]
    lost = 1 - off / on
    reopen = (timing["tRP"] + timing.get("tRCD", timing.get("tRCDRD", 0)) + timing["tFAW"] * 2) / timing[
        "tREFI"
    ]
    assert share * 0.97 < lost < share + reopen
    per_clock, refreshes = with_refresh.standard.spec.slots_per_ck, with_refresh.event("refresh")
    lasts = refreshes * timing["tRFC"] * per_clock
    assert 0.99 * lasts <= with_refresh.cause("dram_refresh") <= lasts
    limits = ("dram_act_pre", "dram_faw")  # rows are closed for the refresh and opened again after it
    reopened = sum(with_refresh.cause(name) - without.cause(name) for name in limits)
    assert with_refresh.cause("dram_refresh") + reopened == pytest.approx(on - off, rel=0.01)
    assert refreshes == on // (timing["tREFI"] * per_clock)


def test_hot_memory_is_refreshed_twice_as_often(channel):
    cool, hot = channel("hbm2"), channel("hbm2", hot=2)
    cool_end, hot_end = cool.run(40_000), hot.run(40_000)
    interval = cool.standard.timings_ck["tREFI"]
    assert hot.event("refresh") == hot_end // (interval // 2)
    assert cool.event("refresh") == cool_end // interval
    assert hot_end > cool_end


@pytest.mark.parametrize("name", ["gddr6", "lpddr5", "hbm3"])
def test_refreshing_bank_by_bank_costs_less_than_all_at_once(name, channel):
    every, each = channel(name), channel(name, "refresh.mode=per_bank")
    every_end, each_end = every.run(40_000), each.run(40_000)
    assert channel(name, "refresh.mode=off").run(40_000) < each_end < every_end
    assert refreshes_met(each) == last_column(each) // each_interval(each)
    assert each.event("refresh") == 0


@pytest.mark.parametrize("mode", ["all_bank", "per_bank"])
def test_idle_time_is_jumped_however_long(mode, channel):
    one = channel("hbm2", f"refresh.mode={mode}")
    one.run(1)
    later = 10**15
    one.run(1, at=later)  # a clock at a time this takes days
    timing = one.standard.timings_ck
    if mode == "all_bank":
        assert one.event("refresh") == later // timing["tREFI"]
    else:
        assert one.event("refresh_bank") == pytest.approx(later // timing["tREFIpb"] * 2, abs=2)


def test_jumped_refreshes_leave_the_state_of_refreshes_done_one_by_one(channel):
    """Arriving late once, or in steps shorter than an interval, ends alike."""
    for mode in ("all_bank", "per_bank"):
        jump, steps = (channel("hbm2", f"refresh.mode={mode}") for _ in range(2))
        jump.run(40), steps.run(40)
        for at in range(3000, 90_000, 1000):
            steps.run(0, at=at)
        last = 90_100
        assert jump.run(40, first=40, at=last) == steps.run(40, first=40, at=last)
        for name in ("refresh", "refresh_bank"):
            assert jump.event(name) == steps.event(name)
        assert (jump.state[0]["refreshed"] == steps.state[0]["refreshed"]).all()


@pytest.mark.parametrize("name", BANK_BY_BANK)
def test_refreshes_of_single_banks_go_round_in_the_interval_of_all(name):
    """Every bank of a pseudo-channel (rank) has its turn in tREFI, within a clock of rounding for each."""
    standard = compiled(name, ("refresh.mode=per_bank",))
    turns, timing = refreshed_banks(standard.packed[0]), standard.timings_ck
    assert abs(turns * timing["tREFIpb"] - timing["tREFI"]) < turns


def test_h100_restates_refreshes_of_single_banks_with_its_clock():
    standard = load_machine("xpu-h100").memories["hbm"].standard
    assert standard is not None
    timing, clock_ns = standard.timings_ck, 1e9 / standard.spec.clock
    assert timing["tREFIpb"] * clock_ns == pytest.approx(122, abs=clock_ns)
    assert timing["tRFCpb"] * clock_ns == pytest.approx(200, abs=clock_ns)


def test_refreshes_of_single_banks_are_put_off_at_most_as_long_as_allowed(channel):
    """Reads of one row after the other of the same bank: all others are refreshed in between, this one at the last."""
    one = channel("hbm3", "refresh.mode=per_bank")
    standard = one.standard
    stride = standard.columns * standard.banks
    turns = refreshed_banks(one.packed[0])
    for k in range(10):
        one.run(200, first=k * 200 * stride % (1 << 18), stride=stride)
        assert 0 <= one.state[0]["owed"] <= POSTPONED * turns
    assert refreshes_met(one) == last_column(one) // each_interval(one)


def test_idle_time_pays_what_is_owed(channel):
    one = channel("hbm3", "refresh.mode=per_bank")
    end = one.run(30_000)
    one.run(1, at=end + 1_000_000)
    assert one.state[0]["owed"] == 0


def test_off_means_none(channel):
    one = channel("ddr4-2400", "refresh.mode=off")
    one.run(40_000)
    one.run(10, at=10**12)
    assert one.event("refresh") == 0
    assert one.cause("dram_refresh") == 0


def test_hbm2_refreshes_no_bank_of_a_group_right_after_an_activation_in_it(device):
    """JESD235: tRRD_L in the bank group, tRRD_S elsewhere, counted from the second clock of the activation."""
    standard = device("hbm2-pim", "refresh.mode=per_bank", "timings.tREFIpb=300")
    t = standard.timings_ck
    assert (t["tRRD_S"], t["tRRD_L"]) == (4, 6)
    state = new_state(standard.packed)
    issue(standard.packed, state, ACT, 0, 10, 5)
    soonest = [earliest_why(standard.packed, state, REFSB, bank) >> 5 for bank in (1, 4, 16)]
    assert soonest == [
        11 + t["tRRD_L"],
        11 + t["tRRD_S"],
        12,
    ]  # same group, another, the other pseudo-channel
