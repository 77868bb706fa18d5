"""The look-ahead window: which row changes wait, which may go on, and how far ahead."""

import pytest

from bankside.arch.dram.banks.bank import LOOK_AHEAD, new_state
from bankside.arch.dram.channel.in_order.window import LATE, admit, change_row, next_row, reset_window
from bankside.arch.dram.device.commands import RD


def test_only_bursts_to_another_row_wait_for_a_change(device):
    standard = device("ddr4-2400")
    packed, state = standard.packed, new_state(standard.packed)
    reset_window(packed, state)
    for burst, (bank, row) in enumerate([(0, 1), (0, 1), (4, 1), (0, 2), (0, 2)]):
        admit(state[0], burst, bank, row, 0)
    st = state[0]
    assert st["pending"] == 3
    assert st["pending_burst"][:3].tolist() == [0, 2, 3]
    assert st["pending_after"][:3].tolist() == [-1, -1, 1]


def test_a_change_waits_until_the_bursts_before_it_are_served(device):
    standard = device("ddr4-2400")
    packed, state = standard.packed, new_state(standard.packed)
    events = state[0]["ring"][:40] * 0
    reset_window(packed, state)
    admit(state[0], 0, 0, 1, 0)
    admit(state[0], 1, 0, 2, 0)
    k, slot, cause = next_row(packed[0], state[0], 0, RD, LATE)
    assert (k, slot) == (0, 0)
    change_row(packed[0], state[0], k, slot, cause, events)
    assert state[0]["row"][0] == 1
    assert next_row(packed[0], state[0], 0, RD, LATE)[0] == -1  # burst 0 still needs row 1
    k, slot, _ = next_row(packed[0], state[0], 1, RD, LATE)
    assert (k, slot) == (0, 39)  # now its precharge, tRAS after the activation


@pytest.mark.parametrize("extra", [0, 1])
def test_rows_are_opened_32_bursts_ahead_and_no_more(extra, channel):
    """A new row among the first 32 bursts opens at once, the 33rd waits for the first column."""
    one = channel("ddr4-2400", "refresh.mode=off", order=("row", "bank_group", "bank", "column"))
    one.run(LOOK_AHEAD + extra, first=128 - LOOK_AHEAD + 1)
    opened = one.state[0]["next"][one.standard.packed[0]["path"][1, 0]]
    assert (opened > -(1 << 59)).any()  # the bank of the last burst has been activated
    assert one.event("activate") == 2
