"""PIM programs on one channel: a device, a controller and a program give cycles, commands, causes and events.

Two controllers are at hand, both on the shared bank state: `fenced` (a host's queue with fences, which closes rows
that nothing hits) and `ahead` (in order, with rows opened past fences). See `pim_fenced` and `pim_ahead`.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import CAUSES
from bankside.arch.dram.banks.bank import new_state
from bankside.arch.dram.channel.pim.ahead import run_ahead
from bankside.arch.dram.channel.pim.fenced import run_fenced
from bankside.arch.dram.channel.pim.program import Entries
from bankside.arch.dram.channel.pim.refresh import FAR
from bankside.arch.dram.channel.pim.window import MAX_DEPTH, new_window
from bankside.arch.dram.device.commands import COMMANDS
from bankside.arch.dram.device.standard import Standard
from bankside.arch.events import EVENTS
from bankside.arch.spec import ConfigError

FENCED, AHEAD = "fenced", "ahead"

CONTROLLERS: Final = {FENCED: run_fenced, AHEAD: run_ahead}


@dataclass(frozen=True)
class Controller:
    """How the commands of a channel are scheduled.

    Attributes
    ----------
    kind : str
        fenced or ahead.
    depth : int
        Entries that it may choose from.
    ranks : int
        0: refreshes come every interval and none is lost. Else as DRAMSim2 and its descendants keep them: so
        many ranks take turns, the one that is simulated first, after a `ranks`-th of the interval, and a
        refresh that could not be done by the turn of the next is lost.
    """

    kind: str = FENCED
    depth: int = 64
    ranks: int = 0


@dataclass(frozen=True)
class Outcome:
    """What programs did on one channel.

    Attributes
    ----------
    slots : int
        Slots from the start to the end of the last data.
    command_slots : int
        Slots from the start to the last command.
    counts : dict[str, int]
        Column commands, activations and refreshes by event name.
    causes_slot : dict[str, int]
        Slots by cause; they sum to `slots`.
    trace : numpy.ndarray
        int64, shape (n, 5): slot, command, bank, row, column of the commands issued.
    """

    slots: int
    command_slots: int
    counts: dict[str, int]
    causes_slot: dict[str, int]
    trace: npt.NDArray[np.int64]


def run_programs(
    standard: Standard,
    programs: list[Entries],
    controller: Controller,
    *,
    trace: int = 0,
    refresh: bool = True,
) -> Outcome:
    """Run programs one after the other on a fresh channel; each starts when the one before has ended.

    Parameters
    ----------
    standard : Standard
        Compiled for the scope that the programs' PIM commands have.
    programs : list of numpy.ndarray
        int64, shape (6, n) each: see `pim_program`.
    controller : Controller
    trace : int
        Commands to write down at most.
    refresh : bool
        False: no refresh falls due.

    Raises
    ------
    ConfigError
        When the window is deeper than there is room for.
    """
    if not 1 <= controller.depth <= MAX_DEPTH:
        raise ConfigError([f"The window holds 1 to {MAX_DEPTH} entries, not {controller.depth}."])
    state, window = new_state(standard.packed), new_window(standard.packed)
    lapse = _stagger(standard, state, controller.ranks)
    if not refresh:
        state[0]["refresh_due"] = FAR
    commands = np.zeros((trace, 5), np.int64)
    serve = CONTROLLERS[controller.kind]
    last = 0
    for program in programs:
        last = serve(standard.packed, state, window, program, controller.depth, lapse, commands)
    events, causes = window[0]["events"], window[0]["causes"]
    return Outcome(
        slots=int(window[0]["end"]),
        command_slots=int(last),
        counts={event.name: int(n) for event, n in zip(EVENTS, events, strict=True) if n},
        causes_slot={name: int(n) for name, n in zip(CAUSES, causes, strict=True) if n},
        trace=commands[: int(window[0]["traced"])],
    )


def _stagger(standard: Standard, state: Any, ranks: int) -> int:
    """Put the first refresh at its rank's turn; returns the slots after which a refresh lapses."""
    interval = int(state[0]["refresh_due"])
    if ranks == 0 or interval >= FAR:
        return FAR
    state[0]["refresh_due"] = interval // ranks
    return interval // ranks


def trace_lines(trace: npt.NDArray[np.int64]) -> list[tuple[int, str, int, int, int]]:
    """A trace with the names of its commands."""
    return [(int(s), COMMANDS[c], int(b), int(r), int(k)) for s, c, b, r, k in trace]
