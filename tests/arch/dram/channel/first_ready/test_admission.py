"""Reads under way and their returns: in the order noted, or in order of slots where some overtake others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.dram.channel.first_ready.admission import (
    insert_return,
    next_return,
    push_return,
    take_returns,
)
from bankside.arch.dram.channel.first_ready.queues import NEVER_SLOT, new_queue


def noted(note: object, slots: list[int], first: int) -> list[int]:
    """Slots at which reads noted one after the other come back, from a ring whose first place is `first`."""
    q = new_queue()[0]
    q["limit"], q["first_return"], q["in_flight"] = 511, first, len(slots)
    for slot in slots:
        note(q, slot)  # type: ignore[operator]
    found = []
    while next_return(q) < NEVER_SLOT:
        slot, before = next_return(q), int(q["in_flight"])
        take_returns(q, slot - 1)
        assert q["in_flight"] == before
        take_returns(q, slot)
        found += [slot] * (before - int(q["in_flight"]))
    return found


@given(st.lists(st.integers(1, 99), max_size=30), st.sampled_from((0, 500)))
def test_reads_that_overtake_return_by_slot(slots: list[int], first: int) -> None:
    assert noted(insert_return, slots, first) == sorted(slots)


@given(st.lists(st.integers(1, 99), max_size=30), st.sampled_from((0, 500)))
def test_reads_in_order_wait_for_those_before(slots: list[int], first: int) -> None:
    assert noted(push_return, slots, first) == np.maximum.accumulate(slots, dtype=int).tolist()


@pytest.mark.parametrize("note", [push_return, insert_return])
def test_returns_are_not_kept_without_a_limit(note: object) -> None:
    q = new_queue()[0]
    note(q, 5)  # type: ignore[operator]
    assert next_return(q) == NEVER_SLOT
