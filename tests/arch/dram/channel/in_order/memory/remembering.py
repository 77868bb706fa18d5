"""A channel with a memory beside one without, for any device."""

from functools import cache

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.state import new_state
from bankside.arch.dram.channel.in_order.memory.late import NOTE_WORDS
from bankside.arch.dram.channel.in_order.memory.layout import new_memory
from bankside.arch.dram.channel.in_order.memory.serve import serve
from bankside.arch.dram.channel.in_order.stream import run_source
from bankside.arch.dram.channel.params import channel_params
from bankside.arch.dram.channel.tables import INDEX, MASK, ROWS, WIDTH
from bankside.arch.dram.device.address import compile_address
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.events import N_EVENT
from bankside.arch.spec import load

ORDER = ("channel", "row", "bank", "column", "bank_group", "pseudo_channel", "rank")


@cache
def device(name, overrides=(), order=ORDER, hashed=False):
    """Standard and address."""
    standard = compile_standard(load(name, "devices", DeviceSpec, overrides).spec)
    return standard, compile_address(standard, order, {"bank_group": 0} if hashed else None)


def rows_of(memory, table):
    """Where the rows of a table begin."""
    index = memory[table + INDEX]
    places = memory[index : index + memory[table + MASK] + 1]
    return memory[table + ROWS] + np.sort(places[places > 0] - 1) * memory[table + WIDTH]


class Channel:
    """Serves streams with a memory, or without one (`memory` is empty)."""

    def __init__(self, standard, address, memory=None, multiplier=1, depth=32):
        self.packed, self.address = standard.packed, address
        self.state = new_state(self.packed, multiplier, depth)
        self.note = np.zeros(NOTE_WORDS, dtype=np.int64)
        self.memory = memory

    def run(self, stream, arrival):
        """End, slots by cause and events of (kind, first, stride, count, gap)."""
        causes, events = np.zeros(N_CAUSE, np.int64), np.zeros(N_EVENT, np.int64)
        work = np.array(stream, dtype=np.int64)
        if self.memory is None:
            end = run_source(self.packed, self.address, self.state, work, arrival, causes, events, True)
        else:
            end = serve(
                self.packed, self.address, self.state, self.note, self.memory, work, arrival, causes, events
            )  # fmt: skip
        return int(end), causes.tolist(), events.tolist()


def empty_memory(standard, address):
    """Room for all that channels of a device may remember."""
    head, words = new_memory(channel_params(standard.packed, address))
    memory = np.zeros(words, dtype=np.int64)
    memory[: len(head)] = head
    return memory
