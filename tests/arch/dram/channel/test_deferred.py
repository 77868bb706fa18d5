"""A run of column commands told to the bank state at its end leaves what telling it of each command leaves."""

import numpy as np
import pytest
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.banks.bank import column_why_on, issue, issue_column_on, new_state
from bankside.arch.dram.channel.deferred import issue_within_run, settle_run
from bankside.arch.dram.channel.first_ready.queues import new_queue
from bankside.arch.dram.device.commands import ACT, RD, WR


@pytest.mark.parametrize("command", [RD, WR])
@pytest.mark.parametrize(
    "device",
    ["ddr4-2400", "hbm2", "hbm3", "gddr6", "ramulator2-gddr6-8gb-x16-14000", "dramsim3-hmc-4gb-4lx16"],
)
def test_a_run_leaves_the_state_of_its_commands_one_by_one(device: str, command: int) -> None:
    packed = compiled(device).packed
    told, deferred, queue = new_state(packed), new_state(packed), new_queue()
    banks = min(6, int(packed[0]["banks"]))
    for bank in range(banks):
        for state in (told, deferred):
            issue(packed, state, ACT, bank, 100 * bank, 7)
    rng = np.random.default_rng(3)
    slot = 1000
    for bank in rng.integers(0, banks, 40).tolist():
        slot = max(slot + 1, column_why_on(packed[0], told[0], command, bank) >> 5)
        assert column_why_on(packed[0], deferred[0], command, bank) == column_why_on(
            packed[0], told[0], command, bank
        )
        issue_column_on(packed[0], told[0], command, bank, slot)
        issue_within_run(packed[0], deferred[0], queue[0], command, bank, slot)
    settle_run(packed[0], deferred[0], queue[0], command)
    assert deferred.tobytes() == told.tobytes()
    assert queue[0]["n_hit"] == 0
    assert (queue[0]["hit_at"] == -1).all()
