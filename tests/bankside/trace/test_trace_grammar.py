"""What a line of a trace says, and what is said of one that says nothing."""

import pytest

from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import load
from bankside.trace.trace_grammar import DRAMSIM3, LOAD_STORE, READ_WRITE, fault, guess, levels


def standard(name: str) -> Standard:
    return compile_standard(load(name, "devices", DeviceSpec).spec)


@pytest.mark.parametrize(
    ("line", "grammar"),
    [
        ("LD 0x40", LOAD_STORE),
        ("ST 64", LOAD_STORE),
        ("R 0,0,1,2,3,4", READ_WRITE),
        ("0x40 READ 7", DRAMSIM3),
        ("40 WRITE 7", DRAMSIM3),
        ("3 20734016", None),
        ("# nothing", None),
        ("", None),
    ],
)
def test_the_form_is_told_from_a_line(line: str, grammar: object) -> None:
    assert guess(line) is grammar


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        # the level lists of Ramulator 2.1's standards
        ("ddr4-2400", 6, "channel rank bank_group bank row column"),
        ("hbm2", 6, "channel pseudo_channel bank_group bank row column"),
        ("hbm3", 7, "channel pseudo_channel rank bank_group bank row column"),
        ("gddr6", 5, "channel bank_group bank row column"),
        ("dramsim3-ddr3-4gb-x8-1600", 5, "channel rank bank row column"),
        ("dramsim3-ddr3-4gb-x8-1600", 4, "channel bank row column"),
        ("ddr4-2400", 5, "channel bank_group bank row column"),
    ],
)
def test_levels_of_an_address_vector(name: str, count: int, expected: str) -> None:
    assert levels(standard(name), count) == tuple(expected.split())


NAMES = ("channel", "rank", "bank_group", "bank", "row", "column")


@pytest.mark.parametrize(
    ("grammar", "line", "sentence"),
    [
        (LOAD_STORE, "LD", "a request reads LD ADDRESS or ST ADDRESS, not 'LD'."),
        (LOAD_STORE, "GO 0x1", "the operation is one of LD, ST, not 'GO'."),
        (LOAD_STORE, "LD 0xg", "the address must be hexadecimal and below 2^52, not '0xg'."),
        (LOAD_STORE, "LD 1a", "the address must be whole or begin with 0x and below 2^52, not '1a'."),
        (READ_WRITE, "R 0,0,0,0,0,-1", "a number of the address must be whole, not '-1'."),
        (READ_WRITE, "R 0,1", "the address has 2 numbers and the device 6 levels"),
        (DRAMSIM3, "0x1 READ soon", "the clock of a request is a whole number, not 'soon'."),
        (DRAMSIM3, "0x1 JUMP 3", "the operation is one of READ, WRITE, BOFF, not 'JUMP'."),
        (DRAMSIM3, "xyz READ 3", "the address must be hexadecimal and below 2^52, not 'xyz'."),
    ],
)
def test_faults_are_sentences_with_the_offending_word(grammar: object, line: str, sentence: str) -> None:
    assert fault(grammar, line, NAMES).startswith(sentence)  # type: ignore[arg-type]


def test_a_long_line_is_shown_in_part() -> None:
    assert len(fault(LOAD_STORE, "x " * 500, NAMES)) < 130
