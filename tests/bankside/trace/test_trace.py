"""The requests of one channel of a trace, with the coordinates that its controller takes."""

import numpy as np

from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.spec import load
from bankside.trace.trace import Trace


def test_a_channel_gets_its_own_requests_in_order_with_ranks_numbered_on() -> None:
    device = compile_standard(
        load("hbm3", "devices", DeviceSpec).spec
    )  # 2 pseudo-channels, 2 ranks, 4 x 4 banks
    trace = Trace(
        form="dramsim3",
        op=np.array([0, 1, 0, 1], np.int64),
        channel=np.array([3, 5, 3, 3], np.int64),
        bank=np.array([0, 9, 63, 37], np.int64),
        row=np.array([7, 8, 9, 10], np.int64),
        column=np.array([1, 2, 3, 4], np.int64),
        at_cycle=np.array([0, 5, 6, 7], np.int64),
    )
    mine = trace.requests(device, 3, max_outstanding=4)
    assert len(trace) == 4
    assert mine.op.tolist() == [0, 0, 1]
    assert mine.pc.tolist() == [0, 1, 1]  # 32 banks each
    assert mine.bank_group.tolist() == [0, 7, 1]  # the second rank has groups 4 to 7
    assert mine.bank.tolist() == [0, 3, 1]
    assert (mine.row.tolist(), mine.column.tolist()) == ([7, 9, 10], [1, 3, 4])
    assert mine.at_cycle.tolist() == [0, 6, 7]
    assert mine.max_outstanding == 4
    assert all(getattr(mine, name).dtype == np.int64 for name in ("op", "pc", "bank", "row", "column"))
    assert len(trace.requests(device, 0)) == 0
