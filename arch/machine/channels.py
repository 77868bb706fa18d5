"""Fresh channels for a run, of the memories that lowering named."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.params import channel_params
from bankside.arch.dram.flash.kind import FLASH
from bankside.arch.dram.flash.stream import new_flash_state
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.kinds import Kind
from bankside.arch.machine.machine import Machine, Memory

Int64s = npt.NDArray[np.int64]


def channel_kind(memory: Memory) -> Kind:
    """The kind of unit that a channel of a memory is."""
    return FLASH if memory.flash is not None else memory.policy.kind


def channels_of(
    machine: Machine,
    memories: Sequence[str],
    refresh_multiplier: int,
    others: Sequence[tuple[Int64s, Int64s]] = (),
) -> Hardware:
    """Fresh states of simulated channels, named by their memory, in the order in which units number them, and after
    them other parts: parameters and state of each."""
    params = {name: _params(machine.memories[name]) for name in set(memories)}
    return Hardware.of(
        [*((params[name], _state(machine.memories[name], refresh_multiplier)) for name in memories), *others]
    )


def _params(memory: Memory) -> Int64s:
    if memory.flash is not None:
        return memory.flash.packed.view(np.int64)
    assert memory.standard is not None and memory.address is not None
    return channel_params(memory.standard.packed, memory.address)


def _state(memory: Memory, refresh_multiplier: int) -> Int64s:
    if memory.flash is not None:
        return new_flash_state().view(np.int64)
    assert memory.standard is not None
    return memory.policy.start(memory.standard.packed, memory.depth, refresh_multiplier, False)
