"""Elementwise programs read every operand and write every result once, in regions of their own."""

import numpy as np
import pytest

from bankside.arch.dram.channel.pim.program import BANK, COMMAND, DATA, FENCE, PURPOSE, RESULT, ROW, count
from bankside.arch.dram.device.commands import MAC, PIM_WR
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.spec import load
from bankside.kernels.lower.pim.elementwise_commands import OPERANDS, elementwise_hbm_pim

PAIRS = compile_standard(load("hbm2-pim", "devices", DeviceSpec).spec, "bank_pair")


@pytest.mark.parametrize("operation", ["add", "mul", "relu"])
def test_columns_follow_from_the_operands(operation: str) -> None:
    entries = elementwise_hbm_pim(PAIRS, operation, 1 << 20, 64)
    each = (1 << 20) * 2 // (64 * 8 * 32)  # columns of eight banks at once
    assert count(entries, DATA) == OPERANDS[operation] * each
    assert count(entries, RESULT) == each
    data, results = (entries[:, entries[PURPOSE] == p] for p in (DATA, RESULT))
    assert set(data[COMMAND]) == {MAC}
    assert set(results[COMMAND]) == {PIM_WR}
    assert not set(data[ROW]) & set(results[ROW])
    both = np.concatenate([data, results], axis=1)
    assert len(np.unique(both[1:4], axis=1).T) == both.shape[1]
    assert (both[BANK] == 0).sum() == (both[BANK] == 1).sum()


def test_every_register_full_is_fenced() -> None:
    entries = elementwise_hbm_pim(PAIRS, "add", 1 << 18, 16)
    work = entries[:, entries[PURPOSE] != 3]
    assert (work[FENCE].reshape(-1, 8) == [0] * 7 + [1]).all()
