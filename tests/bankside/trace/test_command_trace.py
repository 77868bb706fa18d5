"""Command traces have DRAMsim3's layout, and tell the story that the controller recorded."""

import numpy as np

from bankside.arch.dram.device.commands import ACT, PREA, RD, REF
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import load
from bankside.trace.command_trace import NAMES, command_lines


def standard(name: str) -> Standard:
    return compile_standard(load(name, "devices", DeviceSpec).spec)


def test_the_layout_is_dramsim3s_to_the_blank():
    trace = np.array([[12, ACT, 6, 0x1A2B, -1], [29, RD, 6, 0x1A2B, 0x7F]])
    (text,) = command_lines(standard("ddr4-2400"), [(0, trace)])
    assert text == (
        "12                 activate               0   0   1   2   0x1a2b     -0x1\n"
        "29                 read                   0   0   1   2   0x1a2b     0x7f\n"
    )


def test_channels_are_merged_in_order_of_time_and_pseudo_channels_are_channels():
    device = standard("hbm2")  # two pseudo-channels of 16 banks
    early, late = np.array([[2, ACT, 16 + 5, 1, -1]]), np.array([[4, RD, 0, 1, 3]])
    (text,) = command_lines(device, [(3, late), (1, early)])
    first, second = (line.split() for line in text.splitlines())
    assert first == ["2", "activate", "3", "0", "1", "1", "0x1", "-0x1"]
    assert second == ["4", "read", "6", "0", "0", "0", "0x1", "0x3"]


def test_ranks_half_clocks_and_commands_of_many_banks():
    device = standard("hbm3")  # two ranks, two commands a clock
    trace = np.array([[3, ACT, 16 + 4, 9, -1], [5, PREA, 16, -1, -1], [8, REF, 48, -1, -1]])
    (text,) = command_lines(device, [(0, trace)])
    lines = [line.split() for line in text.splitlines()]
    assert lines[0][:6] == ["2", "activate", "0", "1", "1", "0"]
    assert lines[1] == ["3", "precharge_all", "0", "1", "-1", "-1", "-0x1", "-0x1"]
    assert lines[2] == ["4.5", "refresh", "1", "1", "-1", "-1", "-0x1", "-0x1"]


def test_long_traces_come_in_pieces_and_nothing_gives_nothing():
    trace = np.tile(np.array([[1, RD, 0, 0, 0]]), (70_000, 1))
    parts = list(command_lines(standard("ddr4-2400"), [(0, trace)]))
    assert len(parts) == 2
    assert sum(part.count("\n") for part in parts) == 70_000
    assert list(command_lines(standard("ddr4-2400"), [])) == []


def test_names_of_dramsim3():
    assert [NAMES[name] for name in ("RD", "RDA", "WR", "WRA", "ACT", "PRE", "REFSB", "REF")] == (
        ["read", "read_p", "write", "write_p", "activate", "precharge", "refresh_bank", "refresh"]
    )
