"""Streams on a channel that may run programs are remembered until one comes, which finds the banks as they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.arch.dram.channel.pim.memory.programs import DEVICES, ORDER
from tests.arch.dram.channel.pim.memory.test_serve import program_of
from tests.arch.dram.conftest import compiled

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.channel.in_order.memory.late import OVER
from bankside.arch.dram.channel.in_order.memory.layout import LATE_STEPS, PERIOD, STEPS
from bankside.arch.dram.channel.params import channel_params
from bankside.arch.dram.channel.pim.controller import AHEAD, FENCED, Controller
from bankside.arch.dram.channel.pim.kind import KEPT, in_order, with_window
from bankside.arch.dram.channel.pim.memory.layout import PARTS
from bankside.arch.dram.channel.pim.streams import crowded, new_memory, programs_from
from bankside.arch.dram.channel.policy import IN_ORDER_POLICY
from bankside.arch.dram.channel.source import READ, WRITE
from bankside.arch.dram.channel.tables import COUNT
from bankside.arch.dram.device.address import compile_address
from bankside.arch.events import N_EVENT


class Channel:
    """One channel, of the kind that kernels run on."""

    def __init__(self, device, kind, remembers, multiplier=1):
        self.standard = compiled(device[0], (), device[1])
        packed = self.standard.packed
        self.params = channel_params(packed, compile_address(self.standard, ORDER))
        start = IN_ORDER_POLICY.start(packed, 32, multiplier, False)
        self.state = with_window(start, packed, Controller(kind, 32))
        self.memory = np.zeros(0, dtype=np.int64)
        if remembers:
            head, words = new_memory(self.params)
            self.memory = np.zeros(words, dtype=np.int64)
            self.memory[: len(head)] = head

    def run(self, work, arrival):
        """End, slots by cause and events."""
        causes, events = np.zeros(N_CAUSE + 1, np.int64), np.zeros(N_EVENT, np.int64)
        end = in_order(
            self.params, self.state, self.memory, np.array(work, np.int64), arrival, 1 << 60, causes, events
        )
        return int(end), causes.tolist(), events.tolist()


STREAMS = st.tuples(
    st.sampled_from([READ, WRITE]),
    st.sampled_from([0, 64, 100, 4096]),
    st.just(1),
    st.sampled_from([20, 96, 300, 2100]),
    st.sampled_from([0, 0, 9]),
)
WAITS = st.sampled_from([0, 0, 5, 300, 2500, 70_000])


@given(
    body=st.lists(st.tuples(STREAMS, WAITS), min_size=1, max_size=4),
    turns=st.integers(3, 12),
    device=st.sampled_from(DEVICES),
    kind=st.sampled_from([AHEAD, FENCED]),
    multiplier=st.sampled_from([1, 2]),
    rest=st.sampled_from([0, 3, 40, 500, 9000]),
)
@settings(max_examples=40, deadline=None)
def test_a_program_finds_what_streams_have_left(body, turns, device, kind, multiplier, rest):
    """Trains of streams, a program some slots after the last, then streams and the program again."""
    plain, remembering = (Channel(device, kind, remembers, multiplier) for remembers in (False, True))
    program = program_of(plain.standard, [(8, 96, 1, 0, False), (0, 32, 0, 0, True)], 40, 1)
    arrival = 0
    for work, wait in [*body * turns, (program, rest), *body * 2, (program, 0), *body]:
        arrival += wait
        found = plain.run(work, arrival)
        assert remembering.run(work, arrival) == found
        arrival = found[0] if wait else arrival
    assert remembering.state[KEPT + OVER] == 1


@pytest.mark.parametrize("device", DEVICES)
def test_a_train_of_equal_streams_is_learnt_once(device):
    channel, arrival = Channel(device, AHEAD, True), 0
    memory = channel.memory
    for k in range(3000):
        arrival = channel.run((READ, k * 96, 1, 96, 0), arrival)[0] + 2_000
    assert 0 < memory[STEPS + COUNT] + memory[LATE_STEPS + COUNT] < 1_000
    assert memory[PERIOD] > 0
    assert memory[programs_from(memory) + PARTS + COUNT] == 0
    assert not crowded(memory)
