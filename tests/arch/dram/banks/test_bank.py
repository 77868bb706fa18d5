"""Commands are legal exactly from the slot that the device's own table gives, and not one slot before."""

from functools import cache

import pytest

from bankside.arch.causes import CAUSES
from bankside.arch.dram.banks import bank as banks
from bankside.arch.dram.device.commands import ACT, COMMANDS, PRE, PREA, RD, REF, WR
from bankside.arch.dram.device.standard import (
    RULE_FAN,
    RULE_KLASS,
    RULE_VALUE,
    DeviceSpec,
    Standard,
    compile_standard,
)
from bankside.arch.spec import load


@cache
def device(name: str) -> Standard:
    return compile_standard(load(name, "devices", DeviceSpec).spec)


def harness(name: str):
    standard = device(name)
    state = banks.new_state(standard.packed)

    def issue(command: int, bank: int, slot: int, row: int = 0) -> None:
        assert earliest(command, bank) <= slot, COMMANDS[command]
        banks.issue(standard.packed, state, command, bank, slot, row)

    def earliest(command: int, bank: int) -> int:
        return banks.earliest_why(standard.packed, state, command, bank) >> 5

    def why(command: int, bank: int) -> str:
        return CAUSES[banks.earliest_why(standard.packed, state, command, bank) & 31]

    return standard, state, issue, earliest, why


def test_nothing_holds_the_first_command():
    _, _, _, earliest, _ = harness("ddr4-2400")
    assert all(earliest(command, 0) < 0 for command in (ACT, PRE, RD, WR, REF))


def test_rows_of_one_bank_ddr4():
    _, state, issue, earliest, why = harness("ddr4-2400")
    issue(ACT, 0, 100, row=7)
    assert state[0]["row"][0] == 7
    assert earliest(RD, 0) == earliest(WR, 0) == 100 + 17
    assert earliest(PRE, 0) == 100 + 39
    assert earliest(ACT, 0) == 100 + 56
    assert why(RD, 0) == "dram_act_pre"
    issue(RD, 0, 140)
    assert earliest(PRE, 0) == 140 + 9  # tRTP
    issue(WR, 0, 151)  # tCL + burst + 2 - tCWL = 11
    assert earliest(PRE, 0) == 151 + 12 + 4 + 18  # tCWL + burst + tWR
    issue(PRE, 0, 200)
    assert state[0]["row"][0] == banks.CLOSED
    assert earliest(ACT, 0) == 217


def test_activations_of_other_banks_ddr4():
    _, _, issue, earliest, why = harness("ddr4-2400")
    issue(ACT, 0, 0)
    assert earliest(ACT, 1) == 6  # tRRD_L, same group
    assert earliest(ACT, 4) == 4  # tRRD_S
    for bank, slot in ((4, 4), (8, 8), (12, 12)):
        issue(ACT, bank, slot)
    assert earliest(ACT, 1) == 26  # tFAW from the first of the four
    assert why(ACT, 1) == "dram_faw"
    issue(ACT, 1, 26)
    assert earliest(ACT, 5) == 30


def test_columns_turn_around_ddr4():
    _, _, issue, earliest, why = harness("ddr4-2400")
    for bank, slot in ((0, 0), (1, 6), (4, 12)):
        issue(ACT, bank, slot)
    issue(RD, 0, 50)
    assert (earliest(RD, 1), earliest(RD, 4), earliest(WR, 4)) == (56, 54, 61)
    issue(WR, 0, 61)
    assert (earliest(RD, 4), earliest(RD, 1)) == (61 + 12 + 4 + 3, 61 + 12 + 4 + 9)
    assert why(RD, 1) == "dram_turnaround"


def test_a_single_command_bus_takes_one_command_per_slot():
    _, _, issue, earliest, _ = harness("ddr4-2400")
    issue(ACT, 0, 10)
    assert earliest(PRE, 4) == 11
    _, _, issue, earliest, _ = harness("dramsim3-hbm2-8gb-x128")
    issue(ACT, 0, 10)
    assert earliest(PRE, 4) == 11
    assert earliest(RD, 4) <= 10  # the column bus is another


def test_multi_cycle_activation_counts_from_its_last_cycle():
    standard, _, issue, earliest, _ = harness("ramulator2-hbm2-8gb-2000")
    issue(ACT, 0, 0)  # two clocks
    assert earliest(PRE, 16) == 2  # the row bus is shared by both pseudo-channels
    assert earliest(ACT, 16) == 2  # tRRD is not
    assert earliest(RD, 0) == 14 + 1
    assert earliest(PRE, 0) == 34 + 1
    assert earliest(ACT, 0) == 48
    assert standard.packed[0]["burst"] == 2


def test_half_clock_slots_hbm3():
    standard, _, issue, earliest, _ = harness("ramulator2-hbm3-16gb-8hi-6400")
    assert standard.slot_fs == 312_500
    issue(ACT, 0, 0)  # one and a half clocks: three slots
    assert earliest(RD, 0) == 2 * 31 + 2 - 1 + 1  # a column command starts on a clock edge
    assert earliest(PRE, 0) == 2 * 45 + 2 - 0
    issue(RD, 0, 100)
    assert earliest(RD, 1) == 100 + 8  # same group, tCCD_L
    assert earliest(RD, 4) == 100 + 4  # tCCD_S
    assert earliest(RD, 16) == 100 + 6  # other stack id, tCCD_R
    assert earliest(RD, 32) == 100 + 2  # other pseudo-channel: the column bus only


def test_refresh_needs_closed_banks_and_blocks_them():
    _, _, issue, earliest, why = harness("ddr4-2400")
    issue(ACT, 3, 0, row=5)
    issue(PREA, 0, 39)
    assert earliest(REF, 0) == 56
    issue(REF, 0, 56)
    assert earliest(ACT, 9) == 56 + 433
    assert why(ACT, 9) == "dram_refresh"


@pytest.mark.parametrize("name", ["hbm2", "hbm3", "ddr4-2400", "dramsim3-ddr4-8gb-x8-2400"])
def test_every_rule_binds_to_the_slot(name):
    """Issue one command, then look at every other: legal at t + D, and the table would not allow t + D - 1."""
    standard = device(name)
    std = standard.packed[0]
    for command in range(len(COMMANDS)):
        for k in range(std["rule_start"][command], std["rule_start"][command + 1]):
            if std["rule"][k, RULE_FAN]:
                continue
            state = banks.new_state(standard.packed)
            banks.issue(standard.packed, state, command, 5, 1000, 0)
            following = int(list(std["klass"]).index(std["rule"][k, RULE_KLASS]))
            latency = int(std["rule"][k, RULE_VALUE]) >> 5
            assert banks.earliest_why(standard.packed, state, following, 5) >> 5 >= 1000 + latency
