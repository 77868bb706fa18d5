"""The constraint list as rules: shifts of multi-cycle commands, PIM images, limits, mode switches."""

import pytest

from bankside.arch.dram.device.commands import CHANNEL, LEVELS, PSEUDO_CHANNEL
from bankside.arch.dram.device.rules import activation_stage, compile_rules, mac_beat_slots, scope_banks
from bankside.arch.dram.device.standard import DeviceSpec
from bankside.arch.spec import load

POWER = "pim.limits.power={window: 1 us, activates: 8}"


def spec(name: str, *overrides: str) -> DeviceSpec:
    return load(name, "devices", DeviceSpec, overrides).spec


def latency(rules, before, after, level, window=1):
    found = [
        r
        for r in rules
        if (r.preceding, r.following, LEVELS[r.level], r.window) == (before, after, level, window)
    ]
    return found[0].latency if found else None


def test_multi_cycle_commands_shift_latencies_to_their_last_cycle():
    rules = compile_rules(spec("hbm2"))  # activations take two clocks
    assert latency(rules, "ACT", "RD", "bank") == 17 + 1
    assert latency(rules, "PRE", "ACT", "bank") == 17 - 1
    assert latency(rules, "ACT", "ACT", "bank") == 57
    first = compile_rules(spec("hbm2", "latency_from=first"))
    assert latency(first, "ACT", "RD", "bank") == 17


@pytest.mark.parametrize("name", ["hbm2", "hbm2e", "hbm3", "hbm3e", "hbm4", "gddr6", "lpddr5", "lpddr5x"])
def test_a_bank_is_refreshed_only_after_its_row_has_closed_by_itself(name):
    after = {(r.preceding, r.following): r.latency for r in compile_rules(spec(name))}
    for column in ("RDA", "WRA"):
        assert after[column, "REFSB"] == after[column, "REF"]


def test_only_the_longest_rule_of_a_pair_is_kept_and_implied_ones_go():
    rules = compile_rules(spec("hbm2"))
    assert latency(rules, "RD", "RD", "pseudo_channel") == 2  # burst and tCCD_S
    assert latency(rules, "RD", "RD", "bank_group") == 4
    assert latency(rules, "ACT", "ACT", "bank_group") is None  # tRRD_L equals tRRD_S
    assert not any(rule.sibling for rule in compile_rules(spec("ddr4-2400")))  # one rank has no siblings
    assert any(rule.sibling for rule in compile_rules(spec("lpddr5")))


def test_pim_commands_inherit_the_rules_of_what_they_are_made_of():
    rules = compile_rules(spec("hybrid-vault"), "bank_group")
    assert latency(rules, "ACT_AB", "MAC", "bank") == 14
    assert latency(rules, "MAC", "PRE_AB", "bank") == 5
    assert latency(rules, "MAC", "MAC", "pseudo_channel") == 4  # tCCD_L: a MAC takes a bank of every group
    assert latency(rules, "ACT_AB", "ACT", "channel") == 4
    assert latency(rules, "PIM_WR", "MAC", "pseudo_channel") == 4 + 1 + 8
    assert latency(rules, "PIM_WR", "PRE_AB", "bank") is None  # registers are no rows
    whole = compile_rules(spec("hybrid-vault"), "bank")
    assert latency(whole, "MAC", "PRE_AB", "pseudo_channel") == 5  # every bank at once
    assert latency(whole, "MAC", "PRE_AB", "bank") is None


@pytest.mark.parametrize(
    ("overrides", "stage"),
    [
        ((), 1),
        (("pim.limits.tRRD=false",), 4),
        (("pim.limits.tRRD=false", "pim.limits.tFAW=false", "pim.limits.power=false"), 16),
        (("pim.limits.tRRD=false", "pim.limits.tFAW=false", POWER), 8),
    ],
)
def test_each_limit_decides_how_many_banks_open_at_once(overrides, stage):
    assert activation_stage(spec("hybrid-vault", *overrides)) == stage


def test_limits_are_switched_one_by_one():
    def pairs(*overrides):
        rules = compile_rules(spec("hybrid-vault", *overrides))
        acts = [r for r in rules if r.preceding == r.following == "ACT_AB" and r.level >= PSEUDO_CHANNEL]
        return {(r.window, r.latency) for r in acts}

    assert pairs() == {(1, 4), (4, 16), (64, 1000)}
    assert pairs("pim.limits.tRRD=false") == {(4, 16), (64, 1000)}
    assert pairs("pim.limits.tFAW=false") == {(1, 4), (64, 1000)}
    assert pairs("pim.limits.power=false") == {(1, 4), (4, 16)}
    # ordinary activations keep them all
    off = ("pim.limits.tRRD=false", "pim.limits.tFAW=false", "pim.limits.power=false")
    assert latency(compile_rules(spec("hybrid-vault", *off)), "ACT", "ACT", "channel", 4) == 16


def test_a_line_that_names_a_pim_command_replaces_what_it_would_inherit():
    assert mac_beat_slots(spec("gddr6-aim"), "bank") == 2  # 1 ns, not tCCD_L
    assert mac_beat_slots(spec("hbm2-pim"), "bank") == 4


def test_a_power_line_slows_the_mac_only_while_the_limit_is_on():
    on, off = spec("hbm3-attacc"), spec("hbm3-attacc", "pim.limits.power=false")
    assert latency(compile_rules(on, "bank"), "MAC", "MAC", "pseudo_channel") == 6
    assert latency(compile_rules(off, "bank"), "MAC", "MAC", "pseudo_channel") == 4
    six = spec("attacc-hbm3-6400")
    assert [
        latency(compile_rules(six, s), "MAC", "MAC", "pseudo_channel") for s in ("bank", "bank_group")
    ] == [7, 8]
    assert mac_beat_slots(on, "bank") == 4  # the excess is the limit's


def test_mode_switches_wait_for_rows_and_data():
    rules = compile_rules(spec("hybrid-vault"))
    assert latency(rules, "RD", "ENTER", "channel") == 14 + 1
    assert (
        latency(rules, "PREA", "EXIT", "channel") is None or latency(rules, "PREA", "EXIT", "channel") == 14
    )
    assert latency(rules, "ENTER", "MAC", "channel") == 15
    assert all(rule.level == CHANNEL for rule in rules if "ENTER" in (rule.preceding, rule.following))


@pytest.mark.parametrize(("scope", "banks"), [("bank", 32), ("bank_pair", 16), ("bank_group", 8)])
def test_banks_of_a_scope(scope, banks):
    assert scope_banks(spec("hbm3"), scope) == banks  # two stack ids of four groups of four
