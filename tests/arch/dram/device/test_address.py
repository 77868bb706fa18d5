"""Address mapping: a bijection in any order, with pieces and hash, over channels too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.dram.device.address import channel_of, compile_address, decode, field_sizes
from bankside.arch.dram.device.standard import DeviceSpec, compile_standard
from bankside.arch.spec import ConfigError, load

TINY = compile_standard(
    load(
        "hbm3",
        "devices",
        DeviceSpec,
        ["levels.channel=4", "levels.row=8", "levels.column=8", "levels.bank=2"],
    ).spec
)
FIELDS = tuple(field_sizes(TINY))


def everything(address, bursts):
    return {decode(address, burst) for burst in range(bursts)}


@settings(max_examples=40, deadline=None)
@given(st.permutations(FIELDS), st.booleans(), st.sampled_from([None, 1, 2]))
def test_d5_any_order_is_a_bijection(order, hashed, piece):
    order = list(order)
    if piece:
        at = order.index("column")
        order[at:] = ["column", *order[at + 1 :], f"column:{piece}"]
    xor = {"bank_group": 0, "bank": 1} if hashed else None
    address = compile_address(TINY, order, xor)
    bursts = TINY.banks * TINY.rows * TINY.columns
    assert address[0]["bursts"] == bursts
    places = everything(address, bursts)
    assert len(places) == bursts
    banks, rows, columns = (max(place[i] for place in places) + 1 for i in range(3))
    assert (banks, rows, columns) == (TINY.banks, TINY.rows, TINY.columns)


@settings(max_examples=40, deadline=None)
@given(st.permutations(FIELDS))
def test_d5_channels_and_the_rest_are_a_bijection(order):
    address = compile_address(TINY, order)
    bursts = TINY.banks * TINY.rows * TINY.columns
    split = {channel_of(address, burst) for burst in range(4 * bursts)}
    assert split == {(channel, rest) for channel in range(4) for rest in range(bursts)}


def test_d5_round_trip_of_a_large_device(device):
    standard = device("hbm3")
    order = ["row", "bank", "rank", "column", "bank_group", "pseudo_channel", "channel", "column:2"]
    address = compile_address(standard, order, {"bank": 3})
    rng = np.random.default_rng(5)
    for burst in rng.integers(0, standard.capacity_bytes // 32, 500).tolist():
        channel, rest = channel_of(address, burst)
        bank, row, column = decode(address, rest)
        low = column & 3
        number, at = 0, 0
        group, inner = bank // 4 % 4, (bank % 4) ^ (row >> 3 & 3)
        fields = [
            (low, 2),
            (channel, 4),
            (bank // 32, 1),
            (group, 2),
            (column >> 2, 3),
            (bank // 16 % 2, 1),
            (inner, 2),
        ]
        for value, bits in fields:
            number |= value << at
            at += bits
        assert number | row << at == burst


def test_neighbours_follow_the_order(device):
    standard = device("ddr4-2400")
    address = compile_address(standard, ["row", "bank", "column", "bank_group"])
    assert [decode(address, i)[0] for i in range(5)] == [0, 4, 8, 12, 0]
    assert [decode(address, i)[2] for i in (0, 4, 8)] == [0, 1, 2]
    assert decode(address, 4 * 128)[0] == 1
    assert decode(address, 16 * 128) == (0, 1, 0)


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (["row", "bank", "column"], "the field 'bank_group' is missing, and the device has 4"),
        (["row", "bank", "bank", "column", "bank_group"], "'bank' is given twice"),
        (["row", "bank", "column", "bank_group", "die"], "'die' is not a field"),
        (["row", "bank", "column", "bank_group", "column:9"], "do not make up"),
        (["row", "bank", "column", "bank_group", "column:x"], "written like 'column:3'"),
        (
            ["row:3", "bank", "column", "bank_group"],
            "the first piece of 'row' states 3 bits, and 16 are left",
        ),
        (
            ["row", "bank", "column:2", "bank_group", "column:4"],
            "states 2 bits, and 3 are left to it of its 128",
        ),
    ],
)
def test_a_mapping_that_is_none_is_refused(order, sentence, device):
    with pytest.raises(ConfigError) as caught:
        compile_address(device("ddr4-2400"), order)
    assert any(sentence in error for error in caught.value.errors), caught.value.errors


def test_rows_need_a_power_of_two_only_below_the_first_field(device):
    odd = device("hbm3e")  # 24576 rows
    compile_address(odd, ["row", "rank", "bank", "column", "bank_group", "pseudo_channel", "channel"])
    compile_address(odd, ["row:15", "rank", "bank", "column", "bank_group", "pseudo_channel", "channel"])
    with pytest.raises(
        ConfigError, match="'row' has 24576 values; below the first field it must be a power of two"
    ):
        compile_address(odd, ["rank", "row", "bank", "column", "bank_group", "pseudo_channel", "channel"])


def test_the_hash_changes_banks_only_and_only_powers_of_two(device):
    with pytest.raises(ConfigError, match="only fields of a bank"):
        compile_address(device("ddr4-2400"), ["row", "bank", "column", "bank_group"], {"column": 0})
