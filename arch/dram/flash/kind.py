"""The flash channel as a kind of unit."""

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.flash.device import FLASH as FLASH_DEVICE
from bankside.arch.dram.flash.stream import FLASH_STATE, run_flash
from bankside.arch.engine.kinds import IN_LINE, Kind, register
from bankside.arch.jit import kernel

Int64s = npt.NDArray[np.int64]


@kernel
def advance(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """Serve a stream: kind, first, stride, count, min_gap of `run_flash`."""
    return run_flash(
        params.view(FLASH_DEVICE), state.view(FLASH_STATE),
        work[0], work[1], work[2], work[3], work[4], arrival, causes, events,
    )  # fmt: skip


FLASH = register(Kind("flash", advance, IN_LINE))
