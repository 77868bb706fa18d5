"""Column commands of a run of hits, told in full to the bank state when the run ends.

Within a run only the times of further column commands count. What the run means to other commands follows from the
last column command of each bank alone, since a later one only raises times.
"""

from typing import Any

from bankside.arch.dram.banks.bank import raise_other_times, raise_own_times
from bankside.arch.dram.banks.branchless import natural
from bankside.arch.jit import flat_kernel

NONE = -1


@flat_kernel
def issue_within_run(std: Any, st: Any, q: Any, command: int, bank: int, slot: int) -> None:
    """Issue a column command of a run; the rest of what it does is kept for `settle_run`, in fields of `q`."""
    bank = natural(bank)
    raise_own_times(std, st, command, bank, slot)
    if q["hit_at"][bank] == NONE:
        q["hit_banks"][q["n_hit"]] = bank
        q["n_hit"] += 1
    q["hit_at"][bank] = slot


@flat_kernel
def settle_run(std: Any, st: Any, q: Any, command: int) -> None:
    """Tell the bank state of the run of `command` so far."""
    for k in range(q["n_hit"]):
        bank = q["hit_banks"][k]
        raise_other_times(std, st, command, bank, q["hit_at"][bank])
        q["hit_at"][bank] = NONE
    q["n_hit"] = 0
