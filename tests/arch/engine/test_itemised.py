"""Causes of operations: rows while they are under way, pairs once they have ended."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.causes import N_CAUSE
from bankside.arch.engine.execute import room_of_causes
from bankside.arch.engine.itemised import FRESH, USED, keep_row, rows_of, take_row

ROWS = st.dictionaries(st.integers(0, N_CAUSE - 1), st.integers(1, 1 << 60), max_size=N_CAUSE)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ROWS, st.integers(0, 3)), max_size=12))
def test_what_is_kept_of_rows_is_what_they_held_in_whatever_order_they_end(
    operations: list[tuple[dict[int, int], int]],
) -> None:
    rows, pairs, notes = room_of_causes(len(operations))
    under_way: list[int] = []
    begins = np.full(len(operations), -1)
    at: dict[int, int] = {}
    most = 0

    def end(which: int) -> None:
        begins[which] = keep_row(rows, at[which], pairs, notes)

    for i, (causes, ended) in enumerate(operations):
        at[i] = take_row(rows, notes)
        assert not rows[at[i]].any() and at[i] not in {0, *(at[other] for other in under_way)}
        rows[at[i], list(causes)] = list(causes.values())
        rows[at[i], N_CAUSE] = 1 + i  # the ticket, which is nobody's cause
        under_way.append(i)
        most = max(most, len(under_way))
        for _ in range(min(ended, len(under_way))):
            end(under_way.pop(0 if i % 2 else -1))
    for which in under_way:
        end(which)
    found = rows_of(pairs, begins)
    for row, (causes, _) in zip(found, operations, strict=True):
        assert {int(c): int(row[c]) for c in np.flatnonzero(row)} == causes
    assert notes[FRESH] == most, "a row that was given back is taken before a new one"
    assert notes[USED] <= sum(1 + 2 * len(causes) for causes, _ in operations)


@given(st.lists(st.sampled_from([{0: 3}, {0: 3, 2: 1}, {2: 1, 5: 9}, {}]), min_size=1, max_size=40))
def test_equal_causes_are_kept_once(operations: list[dict[int, int]]) -> None:
    rows, pairs, notes = room_of_causes(len(operations))
    begins = []
    for causes in operations:
        row = take_row(rows, notes)
        rows[row, list(causes)] = list(causes.values())
        begins.append(keep_row(rows, row, pairs, notes))
    different = {tuple(causes.items()) for causes in operations}
    assert len(set(begins)) == len(different)
    assert notes[USED] == sum(1 + 2 * len(causes) for causes in different)


def test_every_cause_at_once_fits() -> None:
    rows, pairs, notes = room_of_causes(2)
    for first in range(1, 3):
        row = take_row(rows, notes)
        rows[row, :N_CAUSE] = np.arange(first, first + N_CAUSE)
        at = keep_row(rows, row, pairs, notes)
        assert rows_of(pairs, np.array([at])).tolist() == [list(range(first, first + N_CAUSE))]
    assert notes[USED] == len(pairs)
