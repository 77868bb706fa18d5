"""Packing: the bank tree, scopes, buses, and limits of the packed form."""

import numpy as np
import pytest

from bankside.arch.dram.device.commands import (
    ACT,
    BANK,
    BANK_GROUP,
    CHANNEL,
    PSEUDO_CHANNEL,
    RANK,
    RD,
    RDA,
    SCOPES,
    WR,
)
from bankside.arch.dram.device.standard import STANDARD, DeviceSpec, compile_standard
from bankside.arch.spec import ConfigError, load


def test_the_tree_of_banks(device):
    standard = device("hbm3")
    std = standard.packed[0]
    path = std["path"][: standard.banks]
    counts = [
        len(set(path[:, level].tolist())) for level in (BANK, BANK_GROUP, RANK, PSEUDO_CHANNEL, CHANNEL)
    ]
    assert counts == [64, 16, 4, 2, 1]
    assert len(set(path.ravel().tolist())) == 64 + 16 + 4 + 2 + 1  # no node belongs to two levels
    for level in range(BANK_GROUP, CHANNEL):
        for node in set(path[:, level].tolist()):
            below = path[path[:, level] == node]
            assert len(set(below[:, level + 1].tolist())) == 1


@pytest.mark.parametrize(("scope", "slices"), [("bank", 1), ("bank_pair", 2), ("bank_group", 4)])
def test_slices_partition_the_banks_and_stay_in_one_pseudo_channel(scope, slices, device):
    standard = device("hbm2-pim", f"pim.scopes=[{scope}]", scope=scope)
    std = standard.packed[0]
    assert std["slices"] == slices
    member = std["member"][: standard.banks].reshape(-1, int(std["slice_banks"]))
    assert sorted(member.ravel().tolist()) == list(range(32))
    for banks in member:
        assert len({int(bank) // 16 for bank in banks}) == 1
        groups = [int(bank) // 4 % 4 for bank in banks]
        assert groups[:4] == [0, 1, 2, 3]  # neighbours in different groups
        if scope == "bank_group":
            assert len({int(bank) % 4 for bank in banks}) == 1
    assert (std["member"][std["position"][:32]] == np.arange(32)).all()


def test_commands_with_equal_rules_share_a_column(device):
    std = device("hbm2").packed[0]
    assert std["klass"][RD] == std["klass"][RDA]
    assert std["klass"][RD] != std["klass"][WR]


def test_buses_occupancy_and_edges(device):
    hbm3 = device("hbm3").packed[0]
    assert (hbm3["bus"][ACT], hbm3["bus"][RD]) == (0, 1)
    assert (hbm3["occupancy"][ACT], hbm3["occupancy"][RD], hbm3["align"][ACT]) == (3, 2, 2)
    ddr5 = device("ddr5-4800").packed[0]
    assert (ddr5["bus"][ACT], ddr5["bus"][RD], ddr5["occupancy"][RD], ddr5["single_bus"]) == (0, 0, 2, 1)


def test_rows_are_apart_where_columns_and_row_commands_meet_within_a_bank_alone(device):
    hbm3 = device("hbm3")
    assert hbm3.packed[0]["rows_apart"] == 1
    assert device("ddr5-4800").packed[0]["rows_apart"] == 0  # one bus
    wider = tuple(
        rule.model_copy(update={"level": "pseudo_channel"})
        if (rule.preceding, rule.following) == (("RD",), ("PRE",))
        else rule
        for rule in hbm3.spec.constraints
    )
    assert wider != hbm3.spec.constraints
    wide = hbm3.spec.model_copy(update={"constraints": wider})
    assert compile_standard(wide).packed[0]["rows_apart"] == 0


def test_attributes(device):
    standard = device("hbm3")
    assert (standard.channels, standard.pseudo_channels, standard.ranks) == (16, 2, 2)
    assert standard.slot_fs == 312_500
    assert standard.capacity_bytes == 16 * 2**30
    assert standard.packed.dtype == STANDARD


def test_a_scope_that_the_device_does_not_list_is_refused():
    pairs = load("hbm2-pim", "devices", DeviceSpec).spec
    with pytest.raises(ConfigError) as caught:
        compile_standard(pairs, "bank_group")
    assert caught.value.errors == [
        "PIM commands of scope bank_group are asked of a device that has commands of scope bank, bank_pair alone "
        "(pim.scopes)."
    ]
    with pytest.raises(ConfigError) as caught:
        compile_standard(load("hbm2", "devices", DeviceSpec).spec, "bank")
    assert caught.value.errors == [
        "PIM commands of scope bank are asked of a device that has none (pim.scopes)."
    ]


def test_without_a_scope_the_first_that_the_device_lists_is_taken():
    for name, scope in (
        ("pimsimulator-hbm2-2m-16b-x64", "bank_pair"),
        ("hbm2-pim", "bank"),
        ("hbm2", "bank"),
    ):
        packed = compile_standard(load(name, "devices", DeviceSpec).spec).packed[0]
        assert SCOPES[packed["scope"]] == scope


def test_an_unknown_scope_and_an_endless_window_are_refused():
    spec = load("hybrid-vault", "devices", DeviceSpec).spec
    with pytest.raises(ConfigError, match="spans one of bank, bank_pair, bank_group"):
        compile_standard(spec, "rank")
    long = load(
        "hybrid-vault", "devices", DeviceSpec, ["pim.limits.power={window: 1 ms, activates: 9000}"]
    ).spec
    with pytest.raises(ConfigError, match="room for"):
        compile_standard(long)
