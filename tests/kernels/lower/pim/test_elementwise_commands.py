"""Elementwise programs read every operand and write every result once, in regions of their own."""

import numpy as np
import pytest
from tests.arch.dram.pim_trace import singles

from bankside.arch.dram.channel.pim.program import (
    BANK,
    COMMAND,
    DATA,
    FENCE,
    PURPOSE,
    RESULT,
    ROW,
    commands,
)
from bankside.arch.dram.device.commands import MAC, PIM_WR
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.spec import ConfigError, load
from bankside.kernels.lower.pim.elementwise_commands import elementwise_program

OPERANDS = {"add": 2, "mul": 2, "relu": 1}
PAIRS = compile_standard(load("pimsimulator-hbm2-2m-16b-x64", "devices", DeviceSpec).spec, "bank_pair")


@pytest.mark.parametrize("operation", ["add", "mul", "relu"])
def test_columns_follow_from_the_operands(operation: str) -> None:
    bursts = (1 << 20) * 2 // (64 * 32)
    entries = elementwise_program(PAIRS, OPERANDS[operation], bursts, 8).entries
    each = bursts // 8  # columns of eight banks at once
    assert commands(entries, DATA) == OPERANDS[operation] * each
    assert commands(entries, RESULT) == each
    data, results = (singles(entries[entries[:, PURPOSE] == p]) for p in (DATA, RESULT))
    assert set(data[:, COMMAND]) == {MAC}
    assert set(results[:, COMMAND]) == {PIM_WR}
    assert not set(data[:, ROW]) & set(results[:, ROW])
    both = np.concatenate([data, results])
    assert len(np.unique(both[:, 1:4], axis=0)) == len(both)
    assert (both[:, BANK] == 0).sum() == (both[:, BANK] == 1).sum()


def test_every_register_full_is_fenced() -> None:
    entries = elementwise_program(PAIRS, 2, (1 << 18) * 2 // (16 * 32), 8).entries
    work = singles(entries[entries[:, PURPOSE] != 3])
    assert (work[:, FENCE].reshape(-1, 8) == [0] * 7 + [1]).all()


def test_operands_beyond_the_rows_are_refused() -> None:
    with pytest.raises(ConfigError, match="rows of each bank, and a bank has 16380"):
        elementwise_program(PAIRS, 2, 16384 * 32 * 16, 8)
