"""Channels for a program, of the memories that lowering named: fresh, or as an earlier program left them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.params import channel_params
from bankside.arch.dram.channel.pim.kind import with_window
from bankside.arch.dram.flash.kind import FLASH
from bankside.arch.dram.flash.stream import new_flash_state
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.kinds import Kind
from bankside.arch.machine.machine import Machine, Memory
from bankside.arch.machine.once import once

Int64s = npt.NDArray[np.int64]


def channel_kind(memory: Memory) -> Kind:
    """The kind of unit that a channel of a memory is."""
    if memory.flash is not None:
        return FLASH
    return memory.policy.pim if memory.computes and memory.policy.pim else memory.policy.kind


def channels_of(
    machine: Machine,
    memories: Sequence[str],
    refresh_multiplier: int,
    before: Sequence[Int64s | None] = (),
    others: Sequence[tuple[Int64s, Int64s]] = (),
) -> Hardware:
    """Simulated channels, named by their memory, in the order in which units number them; after them other parts.

    `before` has the state of each that an earlier program left (int64[...], copied) or None; none: all are fresh.
    `others`: parameters and state.
    """
    held = before or [None] * len(memories)
    return Hardware.of(
        [
            *(
                (_params(memory), _fresh(memory, refresh_multiplier) if state is None else state)
                for memory, state in zip((machine.memories[name] for name in memories), held, strict=True)
            ),
            *others,
        ]
    )


def _params(memory: Memory) -> Int64s:
    return once(memory, "params", lambda: _packed(memory))


def _fresh(memory: Memory, refresh_multiplier: int) -> Int64s:
    return once(memory, ("fresh", refresh_multiplier), lambda: _started(memory, refresh_multiplier))


def _packed(memory: Memory) -> Int64s:
    if memory.flash is not None:
        return memory.flash.packed.view(np.int64)
    assert memory.standard is not None and memory.address is not None
    return channel_params(memory.standard.packed, memory.address)


def _started(memory: Memory, refresh_multiplier: int) -> Int64s:
    if memory.flash is not None:
        return new_flash_state().view(np.int64)
    assert memory.standard is not None
    state = memory.policy.start(
        memory.standard.packed, memory.depth, refresh_multiplier, memory.controller.page == "closed"
    )
    return with_window(state, memory.standard.packed, memory.pim_controller) if memory.computes else state
