"""Every field of a channel that runs programs is told, or is known not to matter; past times keep their order alone."""

import numpy as np
from tests.arch.dram.channel.pim.memory.programs import DEVICES, Channel, empty_memory
from tests.arch.dram.channel.pim.memory.test_serve import program_of

from bankside.arch.dram.banks.state import NEVER, STATE
from bankside.arch.dram.channel.pim.controller import AHEAD, Controller
from bankside.arch.dram.channel.pim.memory import canonical
from bankside.arch.dram.channel.pim.memory.layout import (
    BUSES,
    BUSES_END,
    LIVE,
    LIVE_END,
    PAST,
    PAST_END,
    STATE_WORDS,
)
from bankside.arch.dram.channel.pim.memory.row_names import DATA, ROUND
from bankside.arch.dram.channel.pim.program import HEAD
from bankside.arch.dram.channel.pim.stretch import serve_stretch
from bankside.arch.dram.channel.pim.window import WINDOW, resume
from bankside.arch.dram.device.session import FIELDS


def test_every_field_is_classified():
    told = (*canonical.CANONICAL, *canonical.PHASE, *canonical.UNTOUCHED)
    assert sorted(told) == sorted(STATE.names)
    window = (*canonical.WINDOW_CANONICAL, *canonical.WINDOW_PHASE, *canonical.WINDOW_OTHER)
    assert sorted(window) == sorted(WINDOW.names)


def test_past_times_keep_order_parity_and_cause():
    slot, floor = 1000, 900
    slots = [1200, 901, 900, 900, 17, 18, 400, 3]
    times = np.array([(when << 5) + k for k, when in enumerate(slots)] + [NEVER])
    before = times.copy()
    canonical._seen_from(slot, floor, times, np.zeros((2, 9), np.int64))
    later = times[:8] + (slot << 5)
    assert times[8] == NEVER
    assert later[:2].tolist() == before[:2].tolist()
    assert (later & 31).tolist() == (before[:8] & 31).tolist()
    assert ((later >> 5) % 2).tolist() == [when % 2 for when in slots]
    assert (later[2:] >> 5 < floor).all()
    ranks = [np.argsort(each >> 5, kind="stable").tolist() for each in (later, before[:8])]
    assert ranks[0] == ranks[1]
    assert later[2] >> 5 == later[3] >> 5


def test_a_state_is_what_its_words_say():
    """A channel made like another from its words, later and in other rows, goes on with a program as it does."""
    for device in DEVICES:
        one, other = (Channel(device, Controller(AHEAD, 32)) for _ in range(2))
        standard, memory = one.standard, empty_memory(one.standard)
        std, live = standard.packed[0], memory[memory[LIVE] : memory[LIVE_END]]
        buses, old = (
            memory[memory[BUSES] : memory[BUSES_END]],
            memory[memory[PAST] : memory[PAST_END]].reshape(2, -1),
        )
        body, later, further = [(8, 70, 1, 0, True), (0, 50, 0, 300 * 32 + 1, False)], 70_000, 9
        programs = [
            program_of(standard, body, 30, 0, row)[HEAD:].reshape(-1, len(FIELDS)) for row in (0, further)
        ]
        bases = [np.zeros(DATA + int(std["slices"]), np.int64) for _ in range(2)]
        for base, row in zip(bases, (3, 3 + further), strict=True):
            base[ROUND], base[DATA:] = standard.rows - 4, row
        st, w = one.state[0], one.window[0]
        for channel in (one, other):
            channel.state[0]["refresh_due"] = 1 << 60
            resume(std, channel.state[0], channel.window[0], 0)
        nothing, ids = np.empty((0, 5), np.int64), np.arange(len(programs[0]))
        serve_stretch(one.packed, one.state, one.window, programs[0], 60, nothing)
        words = np.zeros(memory[STATE_WORDS], np.int64)
        assert canonical.told(std, st, w, live, buses, bases[0], 60, ids, programs[0], old, words)
        into, window = other.state[0], other.window[0]
        window["begin"] = w["begin"] + later
        canonical.restore(std, into, window, live, bases[1], 60, words)
        before = w["causes"].copy(), w["events"].copy()
        for channel, program in zip((one, other), programs, strict=True):
            serve_stretch(channel.packed, channel.state, channel.window, program, 1 << 60, nothing)
        assert window["end"] == w["end"] + later
        assert (window["causes"] == w["causes"] - before[0]).all()
        assert (window["events"] == w["events"] - before[1]).all()
