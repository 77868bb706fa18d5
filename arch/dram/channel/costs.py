"""What a stream or a part of a program took, as it is kept: a word for each cause and event that it has any of, behind
how many there are."""

from typing import Any, Final

from bankside.arch.causes import N_CAUSE
from bankside.arch.events import N_EVENT
from bankside.arch.jit import flat_kernel

COUNTED: Final = N_CAUSE + N_EVENT
"""Slots by cause, and then events."""

WHICH_BITS: Final = 6
WHICH: Final = (1 << WHICH_BITS) - 1
"""Bits of a word that say of which it is, of COUNTED; the others, how many."""


@flat_kernel
def cost_words(took: Any) -> int:
    """Words in which `took`, int64[COUNTED], is kept."""
    words = 1
    for c in range(COUNTED):
        if took[c] != 0:
            words += 1
    return words


@flat_kernel
def keep_costs(memory: Any, at: int, took: Any) -> None:
    """Write what was counted from word `at` of the memory on."""
    n = at
    for c in range(COUNTED):
        if took[c] != 0:
            n += 1
            memory[n] = took[c] << WHICH_BITS | c
    memory[at] = n - at


@flat_kernel
def add_costs(memory: Any, at: int, causes: Any, events: Any) -> None:
    """Add what is kept from word `at` on: slots by cause, int64[N_CAUSE], and events, int64[N_EVENT]."""
    for k in range(at + 1, at + 1 + memory[at]):
        c = memory[k] & WHICH
        if c < N_CAUSE:
            causes[c] += memory[k] >> WHICH_BITS
        else:
            events[c - N_CAUSE] += memory[k] >> WHICH_BITS


@flat_kernel
def take_off(memory: Any, at: int, took: Any) -> None:
    """Take what is kept off what was counted."""
    for k in range(at + 1, at + 1 + memory[at]):
        took[memory[k] & WHICH] -= memory[k] >> WHICH_BITS
