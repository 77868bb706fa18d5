"""A fresh channel, and refreshes that leave no time for anything else."""

from dataclasses import replace

import pytest
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.banks.state import new_state
from bankside.arch.dram.channel.controller import Controller, geometry, run
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.timing import clocks
from bankside.arch.spec import ConfigError, load, names
from bankside.unit.channel.request_streams import pattern

DDR4 = "dramsim3-ddr4-8gb-x8-2400"


def test_every_shipped_device_may_be_hot_and_refreshed_bank_by_bank() -> None:
    dram = [name for name in names("devices") if not name.startswith("hbf")]
    one_by_one = 0
    for name in dram:
        modes: list[tuple[str, ...]] = [()]
        spec = load(name, "devices", DeviceSpec).spec
        if "tREFIpb" in clocks(spec) and any("REFSB" in line.preceding for line in spec.constraints):
            modes.append(("refresh.mode=per_bank",))
            one_by_one += 1
        for overrides in modes:
            standard = compiled(name, overrides)
            assert (
                new_state(standard.packed, 2)[0]["refresh_due"]
                >= new_state(standard.packed)[0]["refresh_due"] // 2
            )
    assert one_by_one >= 5


@pytest.mark.parametrize("multiplier", [1, 2])
def test_a_refresh_ends_before_the_next_is_due(multiplier: int) -> None:
    """tRFC is 420 clocks: every 421 leaves time, every 420 does not."""
    enough = compiled(DDR4, (f"timings.tREFI={421 * multiplier}",))
    assert new_state(enough.packed, multiplier)[0]["refresh_due"] == 421
    if multiplier > 1:
        with pytest.raises(ConfigError, match=r"due every 420 slots .* holds ACT up for 420: nothing else"):
            new_state(compiled(DDR4, ("timings.tREFI=841",)).packed, 2)


@pytest.mark.parametrize("scheduler", ["frfcfs", "frfcfs-rowhit", "per-bank"])
def test_a_controller_refuses_refreshes_that_take_all_time(scheduler: str) -> None:
    standard = compiled(DDR4, ("timings.tREFI=800",))
    made = pattern("rand_rd_s1", geometry(standard)).first(20)
    with pytest.raises(ConfigError, match="due every 400 slots"):
        run(standard, made, Controller(scheduler, refresh_multiplier=2))
    assert run(standard, made, Controller(scheduler)).undrained == 0


def test_refreshes_of_single_banks_have_room_too() -> None:
    """lpddr5: tPBR2PBR 72, tRFCpb 112 in rounds of 16 banks; the other rank is refreshed a slot later."""
    for interval, fits in ((72, False), (73, True)):
        standard = compiled("lpddr5", ("refresh.mode=per_bank", f"timings.tREFIpb={interval}"))
        if fits:
            assert new_state(standard.packed)[0]["refresh_due"] == interval
        else:
            with pytest.raises(ConfigError, match=r"due every 72 slots .* holds REFSB up for 72"):
                new_state(standard.packed)
    slow = ("refresh.mode=per_bank", "timings.tREFIpb=75", "timings.tRFCpb=1200", "timings.tRFC=2000")
    with pytest.raises(ConfigError, match=r"due every 1200 slots .* holds ACT up for 1201"):
        new_state(compiled("lpddr5", slow).packed)


@pytest.mark.parametrize("scheduler", ["frfcfs", "frfcfs-rowhit", "per-bank"])
def test_ranks_that_are_refreshed_one_after_the_other_need_time_for_each(scheduler: str) -> None:
    """In this set a refresh of one rank holds up all others: four ranks take 4 x 420 clocks."""
    for interval in (420 * 4, 420 * 4 + 1):
        standard = compiled(DDR4, ("levels.rank=4", f"timings.tREFI={interval}"))
        made = pattern("rand_rd_s1", geometry(standard)).first(3)
        last = replace(made, bank_group=made.bank_group + 3 * standard.bank_groups)
        if interval > 420 * 4:
            assert run(standard, last, Controller(scheduler)).undrained == 0
        else:
            with pytest.raises(ConfigError, match=r"due every 1680 slots .* up for 1680: nothing else"):
                run(standard, last, Controller(scheduler))


def test_refreshes_that_come_due_together_take_a_slot_each() -> None:
    """Sixteen ranks, each held up by its own refresh alone: the last is free 15 slots after the first."""
    ranks = ("levels.rank=16", "levels.channel=1")
    for interval, fits in ((435, False), (436, True)):
        standard = compiled("ddr4-2400", (*ranks, "timings.tRFC=420", f"timings.tREFI={interval}"))
        if fits:
            made = pattern("rand_rd_s1", geometry(standard)).first(3)
            last = replace(made, bank_group=made.bank_group + 15 * standard.bank_groups)
            for scheduler in ("frfcfs", "per-bank"):
                assert run(standard, last, Controller(scheduler)).undrained == 0
        else:
            with pytest.raises(ConfigError, match=r"due every 435 slots .* holds ACT up for 435"):
                new_state(standard.packed)
