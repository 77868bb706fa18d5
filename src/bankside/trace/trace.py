"""A request trace in memory: what is asked of every channel of a device, in the order of the file."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.requests import Requests
from bankside.arch.dram.device.standard import Standard


@dataclass(frozen=True)
class Trace:
    """Requests of a whole memory, all arrays of shape (n,), in the order of the file.

    Attributes
    ----------
    form : str
        Name of the grammar.
    op : int8 array
        READ or WRITE.
    channel, bank : int16 arrays
        Channel, and bank in the channel's own numbering.
    row, column : int32 arrays
        A column is one burst.
    at_cycle : int64 array
        Earliest clock at which the request is offered; 0 in forms without a time.
    """

    form: str
    op: npt.NDArray[np.int8]
    channel: npt.NDArray[np.int16]
    bank: npt.NDArray[np.int16]
    row: npt.NDArray[np.int32]
    column: npt.NDArray[np.int32]
    at_cycle: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.op)

    def requests(self, standard: Standard, channel: int, max_outstanding: int = 0) -> Requests:
        """The requests of one channel; bank groups of further ranks are numbered on."""
        mine = np.flatnonzero(self.channel == channel)
        bank = self.bank[mine].astype(np.int64)
        groups = standard.ranks * standard.bank_groups
        group = bank // standard.banks_per_group
        return Requests(
            op=self.op[mine].astype(np.int64),
            pc=group // groups,
            bank_group=group % groups,
            bank=bank % standard.banks_per_group,
            row=self.row[mine].astype(np.int64),
            column=self.column[mine].astype(np.int64),
            at_cycle=self.at_cycle[mine],
            max_outstanding=max_outstanding,
        )
