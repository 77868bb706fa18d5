"""A stretch of a PIM program by the controller that a channel has."""

from typing import Any, Final

from bankside.arch.dram.channel.pim.ahead import run_ahead
from bankside.arch.dram.channel.pim.fenced import run_fenced
from bankside.arch.jit import kernel

TO_ITS_END: Final = 1 << 60
"""More entries than a program has."""


@kernel
def serve_stretch(packed: Any, state: Any, window: Any, program: Any, stop: int, trace: Any) -> int:
    """Serve a program from where it stands until entry `stop` has come into the window, or to its end; returns the slot
    after the last command of the stretch."""
    if window[0]["controller"] == 0:
        return int(run_fenced(packed, state, window, program, stop, trace))
    return int(run_ahead(packed, state, window, program, stop, trace))
