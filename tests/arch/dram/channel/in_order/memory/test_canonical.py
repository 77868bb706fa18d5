"""Every field of a channel's state is told, or is known not to matter; what is told can be taken back."""

import numpy as np
import pytest
from tests.arch.dram.channel.in_order.memory.remembering import Channel, device, empty_memory

from bankside.arch.dram.banks.state import STATE
from bankside.arch.dram.channel.in_order.memory.canonical import (
    CANONICAL,
    PHASE,
    SCRATCH,
    phase_told,
    restore,
    restore_phase,
    told,
)
from bankside.arch.dram.channel.in_order.memory.layout import HEAD, LIVE, MARGIN, PHASE_WORDS, STATE_WORDS
from bankside.arch.dram.channel.source import READ, WRITE


def test_every_field_is_classified():
    named = (*CANONICAL, *PHASE, *SCRATCH)
    assert sorted(named) == sorted(STATE.names)


@pytest.mark.parametrize("name", ["hbm3", "lpddr5", "ddr5-4800"])
def test_a_state_is_what_its_words_say(name):
    """Two channels of which one is made like the other from words alone, in other rows and at another time, go on
    alike."""
    standard, address = device(name)
    memory = empty_memory(standard, address)
    live, std = memory[HEAD : HEAD + memory[LIVE]], standard.packed[0]
    one, other = Channel(standard, address), Channel(standard, address)
    arrival = 0
    for k in range(12):
        arrival, *_ = one.run((k % 3 == 2, 3000 * k, 1, 700 + k, 0), arrival)
    words, phase = np.zeros(memory[STATE_WORDS], np.int64), np.zeros(memory[PHASE_WORDS], np.int64)
    st, rows, later = one.state[0], 5, 1_000_000
    told(std, st, live, 0, arrival, memory[MARGIN], words)
    phase_told(std, st, st["frontier"], phase)
    into = other.state[0]
    into["frontier"], into["depth"], into["columns"] = st["frontier"] + later, st["depth"], 13
    restore(std, into, live, rows, words)
    restore_phase(std, into, into["frontier"], phase)
    span = rows * standard.columns * standard.banks
    for k in range(8):
        stream = (WRITE if k % 3 == 1 else READ, 5000 * k, 1, 900, 0)
        moved = (stream[0], stream[1] + span, *stream[2:])
        (end, *same), (end_later, *as_same) = one.run(stream, arrival), other.run(moved, arrival + later)
        assert (end + later, *same) == (end_later, *as_same)
        arrival = end


@pytest.mark.parametrize("name", ["hbm3", "lpddr5", "ddr5-4800"])
def test_dead_times_are_not_told_and_what_is_restored_is_told_alike(name):
    """The first word says how many there are: fewer, the later the next stream comes; no more than have room."""
    standard, address = device(name, ("refresh.mode=off",))
    memory = empty_memory(standard, address)
    live, std = memory[HEAD : HEAD + memory[LIVE]], standard.packed[0]
    one, other = Channel(standard, address), Channel(standard, address)
    arrival = 0
    for k in range(6):
        arrival, *_ = one.run((k % 2, 3000 * k, 1, 700 + k, 0), arrival)
    st, into, lengths = one.state[0], other.state[0], []
    for after in (0, 20, 1000):
        words, again = (np.full(memory[STATE_WORDS], -7) for _ in range(2))
        told(std, st, live, 3, arrival + after, memory[MARGIN], words)
        into["frontier"], into["depth"], into["columns"] = st["frontier"] + 50, st["depth"], 13
        restore(std, into, live, 8, words)
        told(std, into, live, 8, arrival + after + 50, memory[MARGIN], again)
        lengths.append(words[0])
        assert words.tolist() == again.tolist()
        assert (words[words[0] :] == -7).all()
    assert memory[STATE_WORDS] > lengths[0] > lengths[1] >= lengths[2]
