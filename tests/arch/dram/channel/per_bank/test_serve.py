"""Refreshes of a per-bank controller: a row that they close in vain is given its column before the next."""

import pytest
from tests.arch.dram.channel.test_controller_ticks import compare, random_requests
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.banks.bank import issue, new_state
from bankside.arch.dram.channel.controller import Controller, geometry, run
from bankside.arch.dram.channel.first_ready.queues import new_entry
from bankside.arch.dram.channel.per_bank.queues import let_wait, new_banked, note_pending, to_bank
from bankside.arch.dram.channel.per_bank.serve import close_for_refresh, held_open, issue_column
from bankside.arch.dram.channel.per_bank.wants import settle
from bankside.arch.dram.device.commands import ACT, COMMANDS, PRE, RD, RDA, REF, WR, WRA
from bankside.unit.channel.request_streams import pattern

DEVICE = "dramsim3-ddr4-8gb-x8-2400"
"""tRFC is 420, and a row takes tRAS + tRP = 56 clocks from its opening to the refresh."""


@pytest.mark.parametrize("page", ["open", "closed"])
@pytest.mark.parametrize("interval", [440, 450, 460, 480, 520])
def test_refreshes_close_upon_each_other_do_not_starve_the_requests(interval: int, page: str) -> None:
    """With 60 clocks between refreshes rows could be opened and closed for ever, none with a column command."""
    standard = compiled(DEVICE, (f"timings.tREFI={interval}",))
    made = pattern("rand_mix33_s3", geometry(standard)).first(200)
    got = run(standard, made, Controller("per-bank", page), trace=True)
    assert got.undrained == 0
    assert sum(got.causes_slot.values()) == got.slots
    dues = got.slots // interval
    assert dues - got.counts[COMMANDS[REF]] in (
        0,
        1,
        2,
    )  # none is left out; the last ones may be on their way
    vain = 0
    opened: dict[int, int] = {}
    for _, command, bank, row, _ in got.trace.tolist():
        if command == ACT:
            opened[bank] = row
        elif command in (RD, RDA, WR, WRA):
            opened.pop(bank, None)
        elif command == PRE:
            vain += opened.pop(bank, -1) >= 0
    assert 0 < vain <= len(made)  # at most once for each request


@pytest.mark.parametrize("interval", [440, 460, 480])
@pytest.mark.parametrize("name", [DEVICE, "dramsim3-hbm2-8gb-x128"])
def test_d_short_refresh_intervals_equal_ticked(name: str, interval: int) -> None:
    standard = compiled(name)
    interval = interval - 420 + standard.timings_ck["tRFC"]
    for seed in range(2):
        compare(
            name,
            "per-bank",
            random_requests(standard, seed, 60, 3, 0.3, seed, 0),
            True,
            (f"timings.tREFI={interval}",),
        )


def test_a_row_that_a_program_opened_is_not_held_open_for_a_request_that_has_gone() -> None:
    packed = compiled(DEVICE).packed
    state, queue = new_state(packed), new_banked()
    (std, st, q), bank = (packed[0], state[0], queue[0]), 3
    entry = new_entry(q, 5, 0, bank, 9, 0, 0)
    note_pending(q, entry, 1)
    let_wait(q, entry)
    to_bank(q, 0, entry)
    issue(packed, state, ACT, bank, 0, 9)
    close_for_refresh(std, st, q, bank, 100)
    issue(packed, state, ACT, bank, 200, 9)
    settle(std, st, q, bank)
    assert held_open(q, bank)
    issue_column(std, st, q, bank, 0, 300)
    spare = int(q["n_spare"])
    issue(packed, state, PRE, bank, 400, 0)
    settle(std, st, q, bank)
    for slot in (500, 1500):  # a program leaves the row open, a refresh closes it
        issue(packed, state, ACT, bank, slot, 9)
        assert not held_open(q, bank)
        close_for_refresh(std, st, q, bank, slot + 500)
    assert q["n_spare"] == spare
