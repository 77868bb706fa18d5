"""The in-order path of kernels against the queued controller on the same bursts.

The two are equal to the slot where waiting requests give the controller nothing to choose: bursts that come back
to a bank group no sooner than tCCD_L, and one burst a row. Where they differ, it is because the controller serves
hits of other rows first while the path keeps its order, which kernels rely on.
"""

import numpy as np
import pytest
from tests.arch.dram.conftest import Channel, compiled

from bankside.arch.dram.channel.controller import Controller, run
from bankside.arch.dram.channel.requests import requests
from bankside.arch.dram.device.address import decode
from bankside.arch.dram.device.commands import RD, WR

OUTER = ("channel", "pseudo_channel", "rank", "row")
GROUPS_FIRST = (*OUTER, "bank", "column", "bank_group")
ROW_FIRST = (*OUTER, "bank", "bank_group", "column")
BANKS_FIRST = (*OUTER, "column", "bank", "bank_group")
DEVICES = ("ddr4-2400", "ddr5-4800", "hbm2", "hbm3", "gddr6", "lpddr5", "hmc-vault", "hybrid-vault")
CONTROLLER = Controller("frfcfs-rowhit", refresh=False)
FIRST_OFFER = 1
"""Slots that the controller takes to see its first request."""


def ends(device: str, order: tuple[str, ...], write: bool, stride: int, count: int) -> tuple[int, int]:
    """Slots at which the in-order path and the controller end the same stream."""
    standard = compiled(device, ("refresh.mode=off",))
    channel = Channel(standard, order)
    bank, row, column = np.array([decode(channel.address, i * stride) for i in range(count)]).T.copy()
    pc, flat = np.divmod(bank, standard.ranks * standard.bank_groups * standard.banks_per_group)
    group, inner = np.divmod(flat, standard.banks_per_group)
    stream = requests((group, inner, row, column), op=int(write), pc=pc)
    trace = run(standard, stream, CONTROLLER, trace=True).trace
    last = int(trace[np.isin(trace[:, 1], (RD, WR)), 0].max())
    std = standard.packed[0]
    latency = std["write_latency"] if write else std["read_latency"]
    return channel.run(count, int(write), 0, stride), last + int(latency + std["burst"])


EQUAL = [
    *(("ddr4-2400", GROUPS_FIRST, write, stride) for write in (False, True) for stride in (1, 3, 17)),
    *(("ddr5-4800", GROUPS_FIRST, True, stride) for stride in (1, 3, 17, 64)),
    *(("hbm2", GROUPS_FIRST, False, stride) for stride in (17, 64)),
    *(("hmc-vault", GROUPS_FIRST, write, stride) for write in (False, True) for stride in (1, 3, 17, 64)),
    *((device, BANKS_FIRST, False, 64) for device in DEVICES),
]


@pytest.mark.parametrize(("device", "order", "write", "stride"), EQUAL)
def test_streams_without_a_choice_end_in_the_same_slot(
    device: str, order: tuple[str, ...], write: bool, stride: int
) -> None:
    path, queued = ends(device, order, write, stride, 2000)
    assert queued - FIRST_OFFER == path


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("device", DEVICES)
def test_interleaved_streams_end_within_two_per_cent(device: str, write: bool) -> None:
    """Around a change of rows the controller serves bursts of the next row while the last of the old one wait."""
    path, queued = ends(device, GROUPS_FIRST, write, 1, 3000)
    assert path * 0.98 <= queued <= path + FIRST_OFFER


@pytest.mark.slow
@pytest.mark.parametrize("stride", [1, 3, 17, 64])
@pytest.mark.parametrize("order", [GROUPS_FIRST, ROW_FIRST, BANKS_FIRST])
@pytest.mark.parametrize("device", DEVICES)
def test_a_choice_costs_at_most_four_per_cent(device: str, order: tuple[str, ...], stride: int) -> None:
    """What is gained by choosing is unbounded; what is lost, by closing a row before its next burst comes, is not."""
    for write in (False, True):
        path, queued = ends(device, order, write, stride, 3000)
        assert queued <= 1.04 * path + FIRST_OFFER
