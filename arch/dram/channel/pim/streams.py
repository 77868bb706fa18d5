"""Streams on a channel that may run PIM programs: remembered as on one without, until the first program comes.

A program leaves times that no stream does, which a state of streams does not tell. So streams after one are served
each by itself. The memory of both is one: behind the head of that of streams stands that of programs, then the tables.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.in_order.memory import layout as streams
from bankside.arch.dram.channel.in_order.memory.late import BEHIND, OF_STREAM, OVER, STANDS, serve_after_all
from bankside.arch.dram.channel.in_order.memory.serve import put_right
from bankside.arch.dram.channel.pim.memory import layout as programs
from bankside.arch.jit import flat_kernel

Int64s = npt.NDArray[np.int64]


def new_memory(params: Int64s) -> tuple[Int64s, int]:
    """How an empty memory of streams and programs begins, and its words; see `Kind.memory`."""
    own = len(programs.new_memory(params)[0])
    head, words = streams.new_memory(params, own)
    later, more = programs.new_memory(params, words - len(head) - own)
    return np.concatenate((head, later)), len(head) + more


def crowded(memory: Int64s) -> bool:
    """Whether either has little room left."""
    return streams.crowded(memory) or programs.crowded(memory[programs_from(memory) :])


@flat_kernel
def programs_from(memory: Any) -> int:
    """Word from which on what is remembered is of programs."""
    return int(memory[streams.HEAD_WORDS])


@flat_kernel
def before_program(packed: Any, address: Any, state: Any, note: Any, memory: Any) -> None:
    """Make the banks what the streams before make of them; no later one is remembered."""
    if note[BEHIND] == OF_STREAM:
        serve_after_all(packed, address, state, note, memory)
    put_right(packed[0], state[0], note, memory)
    note[STANDS], note[OVER] = 0, 1
