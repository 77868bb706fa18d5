"""Many bursts decoded at once: channel, bank, row and column of each."""

from typing import Any

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.device.address import channel_of, decode
from bankside.arch.jit import kernel

Ints = npt.NDArray[np.int64]


def decode_bursts(address: Any, bursts: Ints) -> Ints:
    """Where each burst of the whole memory lies.

    Parameters
    ----------
    address : ADDRESS, shape (1,)
    bursts : int64 array, shape (n,)

    Returns
    -------
    int64 array, shape (4, n)
        Channel, flat bank number of the channel, row, column.
    """
    where = np.empty((4, len(bursts)), dtype=np.int64)
    _decode_into(address, bursts, where)
    return where


@kernel
def _decode_into(address: Any, bursts: Ints, where: Ints) -> None:
    for i in range(bursts.shape[0]):
        channel, local = channel_of(address, bursts[i])
        bank, row, column = decode(address, local)
        where[0, i] = channel
        where[1, i] = bank
        where[2, i] = row
        where[3, i] = column
