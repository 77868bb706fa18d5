"""How groups of lanes run side by side."""

from typing import Final, NamedTuple

BALANCES: Final = ("none", "sorted", "dynamic")
"""How groups are dealt to the lanes: as they come; in the order of their work, decided before (their results then go
to places that an index names); or one by one to the lane that is free first."""


class Frame(NamedTuple):
    """How groups run side by side.

    Attributes
    ----------
    side
        Groups that start together.
    run_ahead
        Groups that a lane may have begun before the slowest began: registers for operands that all share. None is a
        barrier after each round; -1 is no limit.
    fetch
        Cycles in which the operands of the next round arrive.
    balance
        One of `BALANCES`.
    overhead
        Cycles of a dispatch, with `balance` dynamic, or of putting a result in its place, with sorted.
    """

    side: int = 1
    run_ahead: int = 0
    fetch: int = 0
    balance: str = "none"
    overhead: int = 0
