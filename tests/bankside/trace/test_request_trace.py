"""Request traces become the coordinates that the device's field order gives; bad lines are told all at once."""

from pathlib import Path

import numpy as np
import pytest

from bankside.arch.dram.device.address import compile_address, decode
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import ConfigError, load
from bankside.trace import trace_text
from bankside.trace.request_trace import ORDER, field_order, read_trace


def standard(name: str) -> Standard:
    return compile_standard(load(name, "devices", DeviceSpec).spec)


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str) -> Path:
        (tmp_path / "trace").write_text(text)
        return tmp_path / "trace"

    return write


def errors(path: Path, device: Standard, **options) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        list(read_trace(path, device, **options))
    return [error.replace(str(path), "T") for error in caught.value.errors]


def test_dramsim3_addresses_are_hexadecimal_and_carry_their_clock(file):
    (found,) = read_trace(
        file("0x40 READ 5\n80 WRITE 9\n"), standard("ddr4-2400"), order=field_order("rochrababgco")
    )
    assert found.form == "dramsim3"
    assert found.op.tolist() == [0, 1]
    assert found.column.tolist() == [1, 2]
    assert found.at_cycle.tolist() == [5, 9]


def test_ramulator_addresses_are_decimal_without_0x(file):
    (found,) = read_trace(file("LD 0x80\nST 128\n"), standard("ddr4-2400"), order=field_order("rochrababgco"))
    assert found.column.tolist() == [2, 2]
    assert found.at_cycle.tolist() == [0, 0]


def test_an_address_vector_is_taken_as_it_is(file):
    device = standard("hbm3")
    (found,) = read_trace(file("R 15,1,1,3,2,16383,31\nW 0,0,0,0,0,0,0\n"), device)
    assert found.channel.tolist() == [15, 0]
    assert found.bank.tolist() == [((1 * 2 + 1) * 4 + 3) * 4 + 2, 0]
    assert (found.row[0], found.column[0]) == (16383, 31)
    mine = found.requests(device, 15)
    assert (mine.pc[0], mine.bank_group[0], mine.bank[0]) == (1, 1 * 4 + 3, 2)


@pytest.mark.parametrize(
    "name", ["ddr4-2400", "hbm2", "hbm3", "hmc-vault", "lpddr5", "gddr6", "hybrid-vault"]
)
@pytest.mark.parametrize(
    "order", [ORDER, ("channel", "pseudo_channel", "rank", "row", "bank", "bank_group", "column")]
)
def test_d5_every_byte_address_lands_where_the_field_order_says(file, name, order):
    device = standard(name)
    address = compile_address(device, order)
    capacity = device.channels * int(address[0]["bursts"]) * device.burst_bytes
    chosen = np.random.default_rng(3).integers(0, capacity, 300)
    (found,) = read_trace(file("".join(f"LD {value:#x}\n" for value in chosen)), device, order=order)
    sizes = {"channel": device.channels, "pseudo_channel": device.pseudo_channels, "rank": device.ranks,
             "bank_group": device.bank_groups, "bank": device.banks_per_group, "row": device.rows,
             "column": device.columns}  # fmt: skip
    for i, value in enumerate(chosen.tolist()):
        rest, field = value // device.burst_bytes, {}
        for part in reversed(order):
            rest, field[part] = divmod(rest, sizes[part])
        bank = field["pseudo_channel"]
        for part in ("rank", "bank_group", "bank"):
            bank = bank * sizes[part] + field[part]
        assert (found.channel[i], found.bank[i], found.row[i], found.column[i]) == (
            field["channel"], bank, field["row"], field["column"],
        )  # fmt: skip


def test_bursts_of_one_channel_agree_with_the_scalar_decoding(file):
    device = standard("ddr4-2400")
    address = compile_address(device, ORDER)
    (found,) = read_trace(file("".join(f"ST {64 * 7919 * i}\n" for i in range(100))), device)
    for i in range(100):
        assert (found.bank[i], found.row[i], found.column[i]) == decode(address, 7919 * i)


def test_every_bad_line_is_told_at_once_with_its_line_and_word(file):
    path = file("LD 0x0\nXX 0x0\n\nLD zz\nLD\nST 0xffffffffff\n")
    assert errors(path, standard("ddr4-2400")) == [
        "T:2: the operation is one of LD, ST, not 'XX'.",
        "T:4: the address must be whole or begin with 0x and below 2^52, not 'zz'.",
        "T:5: a request reads LD ADDRESS or ST ADDRESS, not 'LD'.",
        "T:6: the address 0xffffffffff lies beyond the device's 0x200000000 bytes (--wrap takes addresses modulo "
        "its capacity).",
    ]


def test_numbers_outside_a_level_are_told(file):
    path = file("R 0,0,0,0,0,0\nR 0,0,4,0,0,0\nW 1,0,0,0,0,128\nR 0,0,0\n")
    assert errors(path, standard("ddr4-2400")) == [
        "T:2: bank_group is 4; the device has 0 to 3.",
        "T:3: channel is 1; the device has 0 to 0.",
        "T:3: column is 128; the device has 0 to 127.",
        "T:4: the address has 3 numbers and the device 6 levels (channel, rank, bank_group, bank, row, column): "
        "'R 0,0,0'.",
    ]


def test_the_first_twenty_are_told_and_the_others_counted(file, monkeypatch):
    monkeypatch.setattr(trace_text, "PIECE_BYTES", 100)
    told = errors(file("LD 0x0\n" + "LD bad\n" * 50), standard("ddr4-2400"))
    assert len(told) == 21
    assert told[19].startswith("T:21: ")
    assert told[20] == "T: 30 more faults of this kind."


def test_wrapping_takes_addresses_modulo_the_capacity(file):
    device = standard("ddr4-2400")
    path = file(f"LD {device.capacity_bytes + 128:#x}\nLD 0x80\n")
    (found,) = read_trace(path, device, wrap=True)
    assert (
        found.column[0] == found.column[1] and found.row[0] == found.row[1] and found.bank[0] == found.bank[1]
    )


@pytest.mark.parametrize(("text", "sentence"), [("", "holds no request"), ("# only this\n\n", "holds no request"),
                                                ("3 20734016\n", "no trace of a known form")])  # fmt: skip
def test_what_is_no_trace_is_refused(file, text, sentence):
    (told,) = errors(file(text), standard("ddr4-2400"))
    assert sentence in told


def test_a_form_may_be_named_and_then_holds(file):
    told = errors(file("LD 0x0\n"), standard("ddr4-2400"), form="dramsim3")
    assert told == ["T:1: a request reads ADDRESS READ CLOCK or ADDRESS WRITE CLOCK, not 'LD 0x0'."]


def test_field_orders_of_dramsim3():
    assert field_order("rochrababgco") == ("row", "channel", "rank", "bank", "bank_group", "column")
    assert field_order("row, bank,column") == ("row", "bank", "column")


def test_a_field_order_that_leaves_a_level_out_is_refused(file):
    (told,) = errors(file("LD 0\n"), standard("ddr4-2400"), order=("row", "bank", "bank_group"))
    assert "the field 'column' is missing" in told
