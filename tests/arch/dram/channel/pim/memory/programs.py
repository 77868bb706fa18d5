"""A channel that remembers programs beside one that does not, for any device."""

import numpy as np
from tests.arch.dram.conftest import compiled

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.state import new_state
from bankside.arch.dram.channel.in_order.stream import run_source
from bankside.arch.dram.channel.params import channel_params
from bankside.arch.dram.channel.pim.memory.layout import new_memory
from bankside.arch.dram.channel.pim.serve import leave_mode, run_program
from bankside.arch.dram.channel.pim.window import new_window, stagger
from bankside.arch.dram.device.address import compile_address
from bankside.arch.events import N_EVENT

DEVICES = (
    ("gddr6-aim", "bank"),
    ("hbm2-pim", "bank_pair"),
    ("hbm3-attacc", "bank_group"),
    ("hbm3-attacc", "bank"),
    ("lpddr5-pim", "bank_pair"),
)
ORDER = ("channel", "row", "bank", "column", "bank_group", "pseudo_channel", "rank")
UNWRITTEN = np.empty((0, 5), np.int64)


def empty_memory(standard):
    """Room for all that channels of a device may remember of programs."""
    head, words = new_memory(channel_params(standard.packed))
    memory = np.zeros(words, dtype=np.int64)
    memory[: len(head)] = head
    return memory


class Channel:
    """Serves programs and streams with a memory, or without one."""

    def __init__(self, device, controller, memory=None, multiplier=1):
        self.standard = compiled(device[0], (), device[1])
        self.packed, self.address = self.standard.packed, compile_address(self.standard, ORDER)
        self.state = new_state(self.packed, multiplier)
        self.window = new_window(self.packed, controller)
        stagger(self.packed, self.state, self.window)
        self.memory = memory

    def program(self, words, arrival):
        """End, slots by cause and events of a program."""
        causes, events = np.zeros(N_CAUSE, np.int64), np.zeros(N_EVENT, np.int64)
        run_program(
            self.packed, self.state, self.window, self.memory, words, arrival, causes, events, UNWRITTEN
        )
        return int(self.state[0]["frontier"]), causes.tolist(), events.tolist()

    def stream(self, words, arrival):
        """The same of a stream of ordinary requests."""
        causes, events = np.zeros(N_CAUSE, np.int64), np.zeros(N_EVENT, np.int64)
        begin = leave_mode(self.packed, self.state, self.window, arrival, causes, events)
        work = np.array(words, np.int64)
        end = run_source(self.packed, self.address, self.state, work, begin, causes, events, True)
        return int(end), causes.tolist(), events.tolist()
