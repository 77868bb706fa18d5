"""Registers in a row: broadcasts open it, columns open their own again, and a GEMV costs what its commands cost."""

import pytest
from tests.arch.dram.conftest import Channel, compiled

from bankside.arch.dram.channel.in_order.stream import PIM_MAC, PIM_READ, PIM_WRITE
from bankside.arch.dram.channel.pim.run import Controller, run_programs
from bankside.kernels.lower.pim.gemv_commands import gemv_hbm_pim

OFF = ("refresh.mode=off",)


def test_a_broadcast_opens_the_row_of_the_registers() -> None:
    channel = Channel(compiled("hbm2-pim", OFF, "bank_pair"))
    channel.run(8, PIM_WRITE)
    rows = channel.state[0]["row"][:32]
    assert set(rows) == {-1, channel.standard.rows - 1}
    assert (rows >= 0).sum() == 16  # the odd banks of both pseudo-channels
    buffers = Channel(compiled("hbm2-pim", (*OFF, "pim.registers=buffer"), "bank_pair"))
    buffers.run(8, PIM_WRITE)
    assert set(buffers.state[0]["row"][:32]) == {-1}


def test_columns_between_broadcasts_open_their_row_again() -> None:
    """Odd banks lose their row to the registers; even banks keep it."""
    slots = []
    for first in (0, 32):  # the even and the odd banks
        channel = Channel(compiled("hbm2-pim", OFF, "bank_pair"))
        channel.run(16, PIM_MAC, first)
        channel.run(8, PIM_WRITE)
        slots.append(channel.run(16, PIM_MAC, first))
    timings = compiled("hbm2-pim").timings_ck
    assert slots[1] - slots[0] >= timings["tRP"] + timings["tRCDRD"]


@pytest.mark.parametrize("refresh", [True, False])
def test_a_gemv_of_streams_takes_no_longer_than_a_hosts_commands(refresh: bool) -> None:
    """Streams open the odd banks' rows while the even banks are read; the host of PIMSimulator does not."""
    standard = compiled("hbm2-pim", () if refresh else OFF, "bank_pair")
    channel = Channel(standard)
    for tile in range(32):
        channel.run(8, PIM_WRITE)
        channel.run(64, PIM_MAC, 64 * tile)
    channel.run(8, PIM_READ)
    program = gemv_hbm_pim(standard, 4096, 4096, 64, read_back=False)
    commands = run_programs(standard, [program], Controller())
    assert 0.85 * commands.slots < int(channel.state[0]["frontier"]) <= commands.slots
    assert int(channel.state[0]["frontier"]) > 32 * 64 * 4 + 32 * 8 * 4
