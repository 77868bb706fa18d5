"""AttAcc's attention: counts of commands, dealing of heads, and moves that never pass what they wait for."""

import numpy as np
import pytest
from tests.arch.dram.pim_trace import singles

from bankside.arch.dram.channel.pim.program import (
    COMMAND,
    COUNT,
    DATA,
    FENCE,
    OPERAND,
    PURPOSE,
    RESULT,
    Entries,
    commands,
)
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR, RD
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import ConfigError, load
from bankside.kernels.lower.pim.attention_commands import Shape, attention_program, deal, repeated_moves
from bankside.kernels.lower.pim.placement import PLACEMENTS, place

SPEC = load("attacc-hbm3-5200", "devices", DeviceSpec).spec
STANDARDS = {name: compile_standard(SPEC, scope) for name, scope in PLACEMENTS.items()}


def program(name: str, shape: Shape, heads: int, **generator: bool) -> Entries:
    return attention_program(STANDARDS[name], place(STANDARDS[name], name), shape, heads, **generator)[0]


def build(name: str, tokens: int, heads: int, dim: int = 128) -> tuple[Standard, Entries]:
    return STANDARDS[name], program(name, Shape(tokens, dim), heads)


@pytest.mark.parametrize(("name", "banks"), [("BA", 64), ("BG", 16), ("BUFFER", 2)])
@pytest.mark.parametrize("heads", [1, 2, 5])
def test_keys_and_values_stream_once(name: str, banks: int, heads: int) -> None:
    _, entries = build(name, 2048, heads)
    data = singles(entries[entries[:, PURPOSE] == DATA])
    # 2048 x 128 keys and as many values, fp16, 32 byte of every bank at once
    assert len(data) == heads * 2 * 2048 * 128 * 2 // (32 * banks)
    assert set(data[:, COMMAND]) == {RD if name == "BUFFER" else MAC}
    assert len(np.unique(data[:, 1:4], axis=0)) == len(data)


def test_moves_of_a_head_at_the_banks() -> None:
    _, entries = build("BA", 2048, 1)
    rounds, steps = 2048 // 16 // 16, 2
    assert commands(entries, OPERAND) == 4 * 2 + 8 * 8  # query to four banks, softmax results to eight groups
    assert commands(entries, RESULT) == rounds * 8 + 1 + steps * 8  # scores, softmax, outputs
    assert set(entries[:, COMMAND]) == {MAC, PIM_WR, PIM_RD}


@pytest.mark.parametrize("name", list(PLACEMENTS))
def test_two_heads_move_as_much_as_two_single_ones(name: str) -> None:
    _, one = build(name, 1000, 1)
    _, two = build(name, 1000, 2)
    for purpose in (DATA, OPERAND, RESULT):
        assert commands(two, purpose) == 2 * commands(one, purpose)
    assert (two[:, FENCE] > 0).sum() == 2 * (
        one[:, FENCE] > 0
    ).sum() - 3  # the second query and softmax need no round of their own


def test_the_first_generators_repeat_the_softmax_of_an_unpaired_head() -> None:
    once, repeated = (program("BA", Shape(2048, 128), 1, softmax_per_step=flag) for flag in (False, True))
    assert commands(repeated, OPERAND) - commands(once, OPERAND) == 8 * 8 * 8  # eight rounds, 64 moves each
    assert commands(repeated, DATA) == commands(once, DATA)


@pytest.mark.parametrize("name", list(PLACEMENTS))
@pytest.mark.parametrize("tokens", [1, 1000, 4097])
def test_repeated_moves_are_known_beforehand(name: str, tokens: int) -> None:
    shape = Shape(tokens, 128)
    once, repeated = (
        program(name, shape, 1, softmax_per_step=flag)[:, COUNT].sum() for flag in (False, True)
    )
    assert repeated_moves(place(STANDARDS[name], name), shape) == repeated - once


def test_the_generators_read_the_first_heads_values_twice() -> None:
    entries = program("BA", Shape(2048, 128), 2, values_of_first=True)
    data = singles(entries[entries[:, PURPOSE] == DATA])
    distinct = len(np.unique(data[:, 1:4], axis=0))
    assert (distinct, len(data)) == (2048 // 16 * 2 * 3, 2048 // 16 * 2 * 4)


def test_heads_are_dealt_in_turn() -> None:
    assert deal(130, 16) == [(9, 2), (8, 14)]
    assert deal(32, 16) == [(2, 16)]
    assert deal(3, 16) == [(1, 3)]


def test_heads_beyond_the_capacity_are_refused() -> None:
    with pytest.raises(ConfigError, match="20 heads take 10737418240 byte, and a channel has 1073741824"):
        build("BA", 1 << 20, 20)
