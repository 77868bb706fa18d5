"""What channels remember on which PIM programs may run: streams of the runs that have no programs, and programs.

Runs of both kinds share it. It is one memory: behind the head of that of streams stands that of programs, then the
tables; so it is that of streams to a channel that knows of no programs.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.in_order.memory import layout as streams
from bankside.arch.dram.channel.pim.memory import layout as programs
from bankside.arch.jit import kernel

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


@kernel
def programs_from(memory: Any) -> int:
    """Word from which on what is remembered is of programs."""
    return int(memory[streams.HEAD_WORDS])


@kernel
def is_blank(note: Any) -> bool:
    """Whether a channel's note is as at first: nothing that a memory of streams told has gone into its state."""
    blank = True
    for k in range(note.shape[0]):
        blank &= note[k] == 0
    return blank
