"""What was found out before: decisions, by what they were made on, and what channels remember."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, TypeVar, cast

from bankside.arch.machine.channels import Memories
from bankside.arch.machine.machine import Core, Machine

Value = TypeVar("Value")

_NOTHING: Final = object()

MOST_TRAINS: Final = 4096  # of up to 384 steps, 3 KB each


class Kept:
    """Values of pure functions; the one that was not asked for longest goes when there are too many.

    A key holds all that the value follows from, beginning with what is decided.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._values: OrderedDict[Hashable, object] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, made where it is not there."""
        found = self._values.get(key, _NOTHING)
        if found is not _NOTHING:
            self._values.move_to_end(key)
            return cast(Value, found)
        value = make()
        self._values[key] = value
        if len(self._values) > self.most:
            self._values.popitem(last=False)
        return value


class Memo(Kept):
    """Decisions. Whoever makes several plans hands one of these to all of them.

    `channels`: what channels of machines remember of work that they have done, for trials and runs alike; `trains`:
    nodes on which trials run, and when their trains end, which products of different sizes may have in common.
    """

    def __init__(self, most: int = 16384) -> None:
        super().__init__(most)
        self.channels = Memories()
        self.trains = Kept(MOST_TRAINS)


def known_by(machine: Machine, core: Core) -> tuple[str, int, str, int]:
    """What tells a core kind from those of other machines in keys of decisions: also from itself at another clock, of a
    machine that is slowed down under the same digest."""
    return machine.digest, machine.packages, core.name, core.period_fs


class _Own(threading.local):
    """Of each thread its own: what channels remember is written to as they run."""

    def __init__(self) -> None:
        self.memo = Memo()


_OWN: Final = _Own()


def own_memo() -> Memo:
    """The memo of those that are handed none: what a run finds out is known to later ones of the same thread, for as
    long as that lives. After long prefills it takes some 300 MB, most of it what channels remember (measured)."""
    return _OWN.memo
