"""The best row command: the soonest, of those the oldest, however late it is and however many requests there were."""

import numpy as np
import pytest
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.banks.bank import new_state
from bankside.arch.dram.channel.controller import Controller, run
from bankside.arch.dram.channel.first_ready.picks import MAX_AGE, find_row, judge_bank
from bankside.arch.dram.channel.first_ready.queues import CLOSED, ID, new_entry, new_queue, push
from bankside.arch.dram.channel.requests import requests


@pytest.mark.parametrize("scheduler", ["frfcfs", "frfcfs-rowhit"])
@pytest.mark.parametrize("name", ["ddr4-2400", "hbm3", "lpddr5"])
@pytest.mark.parametrize("at_cycle", [1 << 37, 1 << 50])
def test_rows_are_opened_long_after_the_start(name: str, scheduler: str, at_cycle: int) -> None:
    zero = np.zeros(4, np.int64)
    stream = requests(
        (zero, zero, np.array([0, 0, 1, 2]), zero), at_cycle=np.array([0, at_cycle, at_cycle, at_cycle])
    )
    got = run(compiled(name), stream, Controller(scheduler, refresh=False))
    assert got.undrained == 0
    assert got.cycles == pytest.approx(at_cycle, abs=400)


@pytest.mark.parametrize("oldest", [0, MAX_AGE - 1, MAX_AGE, MAX_AGE + 1, 7 * MAX_AGE])
@pytest.mark.parametrize("younger", [1, MAX_AGE - 100, 2 * MAX_AGE])
def test_the_oldest_row_comes_first_after_any_number_of_requests(oldest: int, younger: int) -> None:
    """Also where column commands close their rows, so that no search for hits has told the oldest request."""
    packed = compiled("ddr4-2400").packed
    std, state, q = packed[0], new_state(packed)[0], new_queue()[0]
    for request, bank in ((oldest, 9), (oldest + younger, 2)):
        push(std, q, new_entry(q, request, 0, bank, 5, 0, 0), CLOSED)
        judge_bank(std, state, q, bank)
    q["next_id"] = oldest + younger + 1
    find_row(std, state, q, 1)
    assert q["entry"][q["row_entry"], ID] == oldest
