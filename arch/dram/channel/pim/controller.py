"""How the commands of PIM programs on a channel are scheduled."""

from dataclasses import dataclass
from typing import Final

FENCED, AHEAD = "fenced", "ahead"

CONTROLLERS: Final = (FENCED, AHEAD)

MAX_DEPTH: Final = 128
"""Commands that the deepest window holds."""


@dataclass(frozen=True)
class Controller:
    """How the commands of a channel are scheduled.

    Attributes
    ----------
    kind : str
        fenced or ahead: see the modules of these names.
    depth : int
        Commands that it may choose from.
    ranks : int
        0: refreshes come every interval and none is lost. Else as DRAMSim2 and its descendants keep them: so
        many ranks take turns, the one that is simulated first, after a `ranks`-th of the interval, and a
        refresh that could not be done by the turn of the next is lost.
    fence : int
        What a fence takes of the host before the next column [slot].
    """

    kind: str = FENCED
    depth: int = 64
    ranks: int = 0
    fence: int = 0


DEFAULT: Final = Controller(AHEAD, 32)
"""A controller of commands for units."""
