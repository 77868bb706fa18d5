"""What a stream took is kept in as many words as it has causes and events, and comes back as it was."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.channel.costs import (
    COUNTED,
    WHICH,
    add_costs,
    cost_words,
    keep_costs,
    take_off,
)

counted = arrays(np.int64, COUNTED, elements=st.one_of(st.just(0), st.integers(0, 1 << 50)))


def test_a_word_tells_all_causes_and_events_apart():
    assert COUNTED <= WHICH + 1


@given(counted, st.integers(0, 5))
def test_costs_come_back_as_they_were(took, at):
    memory = np.full(at + COUNTED + 2, -7)
    keep_costs(memory, at, took)
    words = cost_words(took)
    assert words == 1 + np.count_nonzero(took)
    assert (memory[:at] == -7).all()
    assert (memory[at + words :] == -7).all()
    found = np.ones(COUNTED, dtype=np.int64)
    add_costs(memory, at, found[:N_CAUSE], found[N_CAUSE:])
    assert (found == took + 1).all()
    take_off(memory, at, found)
    assert (found == 1).all()
