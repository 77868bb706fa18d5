"""Channels for a program, of the memories that lowering named: fresh, or as an earlier program left them."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from hashlib import sha256

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
    memory: "Remembered | None" = None,
) -> Hardware:
    """Simulated channels, named by their memory, in the order in which units number them; after them other parts.

    `before` has the state of each that an earlier program left (int64[...], copied) or None; none: all are fresh.
    `others`: parameters and state; `memory`: what channels remember, where they do.
    """
    held = before or [None] * len(memories)
    hardware = Hardware.of(
        [
            *(
                (_params(memory), _fresh(memory, refresh_multiplier) if state is None else state)
                for memory, state in zip((machine.memories[name] for name in memories), held, strict=True)
            ),
            *others,
        ]
    )
    if memory is None:
        return hardware
    return hardware.remembering(memory.words, [memory.places[name] for name in memories])


@dataclass(frozen=True)
class Remembered:
    """What the channels of a machine remember of work that they have done, from program to program.

    words: int64[...]; places: by memory, where its channels' part begins and ends; bursts: what a channel was expected
    to serve when it was made.
    """

    words: Int64s
    places: dict[str, tuple[int, int]]
    bursts: float

    @classmethod
    def of(cls, machine: Machine, bursts: float) -> "Remembered":
        """Nothing yet, in room of which only what is used is taken, for kinds that are worth one after `bursts`."""
        heads: list[tuple[int, Int64s]] = []
        places: dict[str, tuple[int, int]] = {}
        at = 0
        for memory in machine.memories.values():
            begin = channel_kind(memory).memory if _worth(memory, bursts) else None
            head, words = begin(_params(memory)) if begin is not None else (np.zeros(0, dtype=np.int64), 0)
            heads.append((at, head))
            places[memory.name] = at, at + words
            at += words
        room = np.zeros(at, dtype=np.int64)
        for first, head in heads:
            room[first : first + len(head)] = head
        return cls(room, places, bursts)

    def crowded(self, machine: Machine) -> bool:
        """Whether one of them has little room left."""
        return any(
            end > begin and channel_kind(machine.memories[name]).crowded(self.words[begin:end])
            for name, (begin, end) in self.places.items()
        )

    def short(self, machine: Machine, bursts: float) -> bool:
        """Whether one has none that is worth it after `bursts`."""
        return any(
            _worth(memory, bursts) and not _worth(memory, self.bursts) for memory in machine.memories.values()
        )


class Memories:
    """What channels remember, from run to run: of so many machines, that which was not asked for longest goes. It
    changes no result, so machines with equal channels share it."""

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self._of: OrderedDict[Hashable, tuple[float, Remembered]] = OrderedDict()
        self._tried: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._of)

    def of(self, machine: Machine, more_s: float = 0.0) -> Remembered:
        """Of a machine; nothing where there is little room left. A run that takes at least `more_s` begins, and is
        taken to be followed by what was tried for those before."""
        key = _key(machine)
        before, found = self._of.pop(key, (0.0, None))
        bursts = before + more_s * max(map(_pace, machine.memories.values()))
        if more_s > 0:
            bursts += self._tried.pop(key, 0)
        if found is None or found.crowded(machine) or found.short(machine, bursts):
            found = Remembered.of(machine, bursts)
        self._of[key] = bursts, found
        if len(self._of) > self.most:
            gone, _ = self._of.popitem(last=False)
            self._tried.pop(gone, None)
        return found

    def tried(self, machine: Machine, bursts: int) -> None:
        """Each channel was asked for so many bursts by trials: further runs will have trials like these."""
        key = _key(machine)
        self._tried[key] = self._tried.get(key, 0) + bursts


def _key(machine: Machine) -> Hashable:
    """What machines have in common whose channels are the same."""
    return once(
        machine,
        "channels",
        lambda: tuple((name, *_alike(memory)) for name, memory in machine.memories.items()),
    )


def _pace(memory: Memory) -> float:
    """Most bursts that a channel serves in a second, 0 of stores that are none."""
    return memory.channel_peak("vault") / memory.burst_bytes if memory.channelled is not None else 0.0


def _worth(memory: Memory, bursts: float) -> bool:
    """Whether channels have a memory once they are expected to serve so many bursts."""
    if memory.channelled is None:
        return False
    kind = channel_kind(memory)
    return kind.memory is not None and kind.worth <= bursts


def _alike(memory: Memory) -> tuple[str, bytes]:
    """What memories have in common whose channels are the same."""
    if memory.channelled is None:
        return "", b""
    kind = channel_kind(memory).name
    return kind, once(memory, "content", lambda: sha256(_params(memory).tobytes()).digest())


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
