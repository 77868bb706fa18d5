"""Host streams go through channels, bank groups and banks in the order of addresses."""

import numpy as np

from bankside.arch.dram.channel.pim.program import BANK, COLUMN, COMMAND, ROW
from bankside.arch.dram.device.commands import RD, WR
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.spec import load
from bankside.kernels.lower.pim.host import host_programs, stream

STANDARD = compile_standard(load("hbm2-pim", "devices", DeviceSpec).spec)


def test_neighbours_lie_in_other_banks() -> None:
    entries = stream(STANDARD, False, 0, 1 << 20, 16)
    assert len(entries) == (1 << 20) // (32 * 16)
    assert list(entries[:17, BANK]) == [*range(16), 0]
    assert list(entries[[0, 15, 16, 32], COLUMN]) == [0, 0, 1, 2]
    assert list(entries[[0, 511, 512], ROW]) == [0, 0, 1]


def test_operands_and_result_follow_each_other() -> None:
    reads, writes = host_programs(STANDARD, [1 << 19, 1 << 19], 1 << 18, 16)
    whole = np.concatenate([reads, writes])
    assert np.array_equal(whole[:, 1:4], stream(STANDARD, False, 0, (1 << 20) + (1 << 18), 16)[:, 1:4])
    assert set(reads[:, COMMAND]) == {RD}
    assert set(writes[:, COMMAND]) == {WR}
