"""Fresh channel states for a run, of the memories that lowering named."""

import numpy as np

from bankside.arch.dram.banks.bank import STATE, new_state
from bankside.arch.dram.device.address import ADDRESS
from bankside.arch.dram.device.standard import STANDARD
from bankside.arch.dram.flash.stream import new_flash_state
from bankside.arch.engine.execute import Channels, FlashChannels
from bankside.arch.machine.machine import Machine


def channels_of(
    machine: Machine, memories: list[str], flash_memories: list[str], refresh_multiplier: int
) -> Channels:
    """Fresh states for simulated channels of DRAM and of flash, named by their memory."""
    kinds = sorted(set(memories))
    memories_used = [machine.memories[name] for name in kinds]
    packed = [memory.standard.packed for memory in memories_used if memory.standard is not None]
    addresses = [memory.address for memory in memories_used if memory.address is not None]
    states = [new_state(packed[kinds.index(name)], refresh_multiplier) for name in memories]
    return Channels(
        np.concatenate(packed) if packed else np.zeros(1, STANDARD),
        np.concatenate(addresses) if addresses else np.zeros(1, ADDRESS),
        np.concatenate(states) if states else np.zeros(0, STATE),
        np.array([kinds.index(name) for name in memories], dtype=np.int64),
        flash_of(machine, flash_memories),
    )


def flash_of(machine: Machine, memories: list[str]) -> FlashChannels:
    """Fresh states for simulated flash channels, named by their memory."""
    kinds = sorted(set(memories))
    devices = [flash.packed for name in kinds if (flash := machine.memories[name].flash) is not None]
    if not devices:
        return FlashChannels()
    return FlashChannels(
        np.concatenate(devices),
        np.concatenate([new_flash_state() for _ in memories]),
        np.array([kinds.index(name) for name in memories], dtype=np.int64),
    )
