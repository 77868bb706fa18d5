"""PIM programs on one channel alone: a device, a controller and programs give cycles, commands, causes and events."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import CAUSES, N_CAUSE
from bankside.arch.dram.banks.bank import new_state
from bankside.arch.dram.channel.pim.controller import AHEAD, FENCED, MAX_DEPTH, Controller
from bankside.arch.dram.channel.pim.program import Entries, words
from bankside.arch.dram.channel.pim.serve import run_program
from bankside.arch.dram.channel.pim.window import FAR, new_window, stagger
from bankside.arch.dram.device.commands import COMMANDS
from bankside.arch.dram.device.standard import Standard
from bankside.arch.events import EVENTS, N_EVENT
from bankside.arch.spec import ConfigError

__all__ = ["AHEAD", "FENCED", "Controller", "Outcome", "run_programs", "trace_lines"]


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
    modes: bool = True,
) -> Outcome:
    """Run programs one after the other on a fresh channel; each starts when the one before has ended.

    Parameters
    ----------
    standard : Standard
        Compiled for the scope that the programs' PIM commands have.
    programs : list of numpy.ndarray
        int64, shape (n, 8) each: see `pim.program`. The last one leaves the mode of PIM, where there is one.
    controller : Controller
    trace : int
        Commands to write down at most.
    refresh : bool
        False: no refresh falls due.
    modes : bool
        False: nothing switches modes, as where all of it is ordinary requests.

    Raises
    ------
    ConfigError
        When the window is deeper than there is room for.
    """
    if not 1 <= controller.depth <= MAX_DEPTH:
        raise ConfigError([f"The window holds 1 to {MAX_DEPTH} entries, not {controller.depth}."])
    state, window = new_state(standard.packed), new_window(standard.packed, controller)
    stagger(standard.packed, state, window)
    if not refresh:
        state[0]["refresh_due"] = FAR
    commands = np.zeros((trace, 5), np.int64)
    causes, events = np.zeros(N_CAUSE, np.int64), np.zeros(N_EVENT, np.int64)
    packed = standard.packed
    if not modes:
        packed = packed.copy()
        packed["exclusive"] = 0
    last = 0
    for program in programs:
        leave = program is programs[-1]
        last = run_program(packed, state, window, None, words(program, leave), 0, causes, events, commands)
    return Outcome(
        slots=int(state[0]["frontier"]),
        command_slots=int(last),
        counts={event.name: int(n) for event, n in zip(EVENTS, events, strict=True) if n},
        causes_slot={name: int(n) for name, n in zip(CAUSES, causes, strict=True) if n},
        trace=commands[: int(window[0]["traced"])],
    )


def trace_lines(trace: npt.NDArray[np.int64]) -> list[tuple[int, str, int, int, int]]:
    """A trace with the names of its commands."""
    return [(int(s), COMMANDS[c], int(b), int(r), int(k)) for s, c, b, r, k in trace]
