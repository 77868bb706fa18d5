"""A piece of a request trace: what is asked of every channel of a device, in the order of the file."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.requests import Requests
from bankside.arch.dram.device.standard import Standard

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Trace:
    """Requests of a whole memory, all arrays int64 of shape (n,), in the order of the file.

    Attributes
    ----------
    form : str
        Name of the grammar.
    op : array
        READ or WRITE.
    channel, bank : arrays
        Channel, and bank in the channel's own numbering.
    row, column : arrays
        A column is one burst.
    at_cycle : array
        Earliest clock at which the request is offered; 0 in forms without a time.
    """

    form: str
    op: Ints
    channel: Ints
    bank: Ints
    row: Ints
    column: Ints
    at_cycle: Ints

    def __len__(self) -> int:
        return len(self.op)

    def requests(self, standard: Standard, channel: int, max_outstanding: int = 0) -> Requests:
        """The requests of one channel; bank groups of further ranks are numbered on."""
        own = self.channel == channel
        mine = slice(None) if own.all() else np.flatnonzero(own)
        requests = Requests.room(int(np.count_nonzero(own)), max_outstanding)
        groups = standard.ranks * standard.bank_groups
        group, requests.bank[:] = np.divmod(self.bank[mine], standard.banks_per_group)
        requests.pc[:], requests.bank_group[:] = np.divmod(group, groups)
        requests.op[:], requests.row[:] = self.op[mine], self.row[mine]
        requests.column[:], requests.at_cycle[:] = self.column[mine], self.at_cycle[mine]
        return requests
