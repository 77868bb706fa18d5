"""How the parameters and the state of a DRAM channel lie one after the other, whatever its policy.

Parameters are its STANDARD, then its ADDRESS; its state is STATE, the banks, then WINDOW where PIM programs run on it,
then what the policy keeps.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.banks.state import STATE
from bankside.arch.dram.device.address import ADDRESS
from bankside.arch.dram.device.standard import STANDARD

Int64s = npt.NDArray[np.int64]

STANDARD_WORDS: Final = STANDARD.itemsize // 8
STATE_WORDS: Final = STATE.itemsize // 8


def channel_params(packed: Any, address: Any = None) -> Int64s:
    """Parameters of a channel; without an address order it serves request arrays only."""
    if address is None:
        address = np.zeros(1, ADDRESS)
    return np.concatenate([packed.view(np.int64), address.view(np.int64)])


def channel_state(state: Any, *kept: Any) -> Int64s:
    """State of a channel: the banks', then what its policy keeps, records of shape (1,)."""
    return np.concatenate([record.view(np.int64) for record in (state, *kept)])
