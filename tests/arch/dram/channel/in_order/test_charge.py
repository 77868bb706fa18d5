"""Every slot of a gap belongs to one cause."""

import numpy as np
import pytest

from bankside.arch.causes import DRAM_ACT_PRE, DRAM_COMMAND, DRAM_DATA, DRAM_FAW, DRAM_TURNAROUND, N_CAUSE
from bankside.arch.dram.banks.state import STATE
from bankside.arch.dram.channel.in_order.charge import charge


@pytest.mark.parametrize(
    ("end", "slot", "cause", "wait", "expected"),
    [
        # latency 10, burst 4; the burst before ended at `end`, so back to back is slot = end - 10
        (100, 90, DRAM_COMMAND, 0, {DRAM_DATA: 4}),
        (100, 92, DRAM_COMMAND, 0, {DRAM_DATA: 4, DRAM_COMMAND: 2}),
        (100, 95, DRAM_TURNAROUND, 0, {DRAM_DATA: 4, DRAM_TURNAROUND: 5}),
        (100, 110, DRAM_ACT_PRE, 0, {DRAM_DATA: 4, DRAM_ACT_PRE: 20}),
        (100, 110, DRAM_ACT_PRE, 6, {DRAM_DATA: 4, DRAM_ACT_PRE: 14, DRAM_FAW: 6}),
        (100, 110, DRAM_ACT_PRE, 99, {DRAM_DATA: 4, DRAM_FAW: 20}),
        (100, 87, DRAM_COMMAND, 0, {DRAM_DATA: 1}),  # the other pseudo-channel's data overlaps
        (100, 80, DRAM_COMMAND, 0, {}),
    ],
)
def test_gap_of_a_burst(end, slot, cause, wait, expected):
    state, causes = np.zeros(1, STATE), np.zeros(N_CAUSE, np.int64)
    state[0]["wait"][3], state[0]["wait_cause"][3] = wait, DRAM_FAW
    new = charge(state[0], 3, end, slot, (10, 4), 0, cause, causes, 1)
    assert new == max(end, slot + 14)
    assert {cause: int(causes[cause]) for cause in range(N_CAUSE) if causes[cause]} == expected


def test_first_burst_after_an_arrival_pays_its_latency_as_command():
    state, causes = np.zeros(1, STATE), np.zeros(N_CAUSE, np.int64)
    assert charge(state[0], 0, 500, 517, (10, 4), 500, DRAM_ACT_PRE, causes, 1) == 531
    assert (causes[DRAM_ACT_PRE], causes[DRAM_COMMAND], causes[DRAM_DATA]) == (17, 10, 4)
