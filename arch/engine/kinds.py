"""What kinds of units there are: one function a kind, called by the engine through one door.

    advance(params, state, memory, work, arrival, until, causes, events) -> end

All times are slots of the unit's own clock: the engine turns femtoseconds into slots (the next edge of the unit) and
back.

params, state : int64[...]
    What the unit is, and how it stands: records of the kind's own, of whole int64 fields, viewed by `.view(DTYPE)`.
memory : int64[...]
    What a kind may note of work that it has done, for all units of the same parameters, to know what comes of equal
    work; empty where nothing is to be remembered. It changes no result.
work : int64[...]
    The operation's own words, as whoever emits it and the kind agree on.
arrival : int
    Slot at which the operation is handed over; arrivals at one unit do not decrease.
until : int
    First slot at which something that the unit does not know yet may reach it. A kind whose work no later arrival can
    change ignores it.
causes : int64[N_CAUSE + 1]
    Slots by cause, the operation's own, to be filled up to the length of its interval. The last entry is the
    operation's ticket: 0 when it is handed over, then what the kind notes to know it by when it is asked to go on.
events : int64[N_EVENT]
    Counters of the unit, to be added to.

A unit may lag behind the arrival that it is told of: what it has in hand goes on to there first.

It returns the slot at which the operation ends or, when `until` came first, -1 - (a slot that it cannot end before);
all it needs to go on is then in `state`. A kind raises nothing: FAILED - n stands for the n-th of its sentences.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import address, function_at, kernel

Int64s = npt.NDArray[np.int64]
Advance = Callable[[Int64s, Int64s, Int64s, Int64s, int, int, Int64s, Int64s], int]

ONE_BY_ONE: Final = 0
"""An operation is handed over when the one before it has ended."""

IN_LINE: Final = 1
"""An operation is handed over when it arrives, so that the unit may look ahead; it begins when the one before ends."""

AT_ONCE: Final = 2
"""An operation is handed over and begins when it arrives, beside those before it."""

FAILED: Final = -(1 << 62)
"""Less than any bound: the first of a kind's sentences."""

ADVANCE: Final = f"int64({'int64[::1], ' * 4}int64, int64, int64[::1], int64[::1])"
"""The one type of all kinds."""

advance_at: Final = function_at(ADVANCE)


@dataclass(frozen=True)
class Kind:
    """A kind of unit.

    Attributes
    ----------
    name : str
        What programs call it by.
    advance : callable
        A `@kernel` function, as this module says.
    admits : int
        ONE_BY_ONE, IN_LINE or AT_ONCE.
    priced : bool
        Whether the work is pairs (cause, slots) that sum to the operation's length; its causes are then read from
        there, and `causes` is scratch.
    failures : tuple of str
        Sentences of what can go wrong.
    memory : callable, optional
        Parameters -> how an empty memory of units that have them begins, int64[...], and its words, of which all others
        are 0; None: it remembers nothing.
    crowded : callable
        Memory -> whether it has little room left, so that it had better begin anew.
    brief : Kind, optional
        Does the same, from the same states, with less to compile; it serves programs whose units of this kind have no
        memory, and those whose work is not `long`.
    long : callable
        (work, work_start, operations of this kind: int64[n]) -> whether a program's work is worth the compiling.
    plain : Kind, optional
        Does the same from the same states, with the same memory, in runs that ask it for nothing that it does not know;
        in others what it leaves is not taken up.
    plain_work : callable
        (work, work_start, operations) -> how much there is for it, -1 where it does not know all of them.
    plain_worth : int
        As much of a run's work is worth the compiling.
    worth : int
        Bursts that a channel has to serve, in all runs that share memories, before one is worth the compiling.
    """

    name: str
    advance: Advance
    admits: int = ONE_BY_ONE
    priced: bool = False
    failures: tuple[str, ...] = ()
    memory: Callable[[Int64s], tuple[Int64s, int]] | None = None
    crowded: Callable[[Int64s], bool] = lambda memory: False
    brief: "Kind | None" = None
    long: Callable[[Int64s, Int64s, Int64s], bool] = lambda work, work_start, ops: True
    plain: "Kind | None" = None
    plain_work: Callable[[Int64s, Int64s, Int64s], int] = lambda work, work_start, ops: -1
    plain_worth: int = 0
    worth: int = 0

    def __hash__(self) -> int:
        """Of the name, which no other has: kinds are looked up for each program that runs."""
        return hash(self.name)


KINDS: Final[dict[str, Kind]] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known to programs by its name.

    Raises
    ------
    ValueError
        If another kind has that name.
    """
    if KINDS.setdefault(kind.name, kind) != kind:
        raise ValueError(f"There is a kind of unit named '{kind.name}' already.")
    return kind


@cache
def compiled(kinds: tuple[Kind, ...]) -> Any:
    """The functions of `kinds` as the engine takes them: int64[kinds], addresses; interpreted, the functions.

    Only these kinds are compiled, each when it is first asked for.
    """
    found = [address(kind.advance, ADVANCE) for kind in kinds]
    return tuple(found) if found and callable(found[0]) else np.array(found, dtype=np.int64)


@kernel
def priced(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """An operation of known length: pairs (cause, slots)."""
    end = arrival
    for i in range(1, work.shape[0], 2):
        end += work[i]
    return end


SERVER: Final = register(Kind("server", priced, priced=True))
"""One operation at a time, each from the unit's next clock edge on."""

DELAY: Final = register(Kind("delay", priced, AT_ONCE, priced=True))
"""A pure delay that never queues."""
