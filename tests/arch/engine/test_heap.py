"""The heap gives entries back in order of time, then key."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.engine.heap import pop, push

ENTRIES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), max_size=30, unique=True)


@given(ENTRIES, st.integers(0, 30))
def test_entries_come_back_in_order_whenever_they_go_in(entries: list[tuple[int, int]], early: int) -> None:
    times, keys = np.zeros(31, dtype=np.int64), np.zeros(31, dtype=np.int64)
    size, out, held = 0, [], []
    for time, key in entries:
        size = push(times, keys, size, time, key)
        held.append((time, key))
        if len(held) > early:
            out.append((int(times[0]), int(keys[0])))
            assert out[-1] == min(held)
            held.remove(out[-1])
            size = pop(times, keys, size)
    while size:
        assert (int(times[0]), int(keys[0])) == min(held)
        held.remove(min(held))
        size = pop(times, keys, size)
    assert not held
