"""First-ready, first-come scheduling as Ramulator 2.1 does it, from event to event instead of clock by clock.

Of the commands that may be issued in a slot, requests whose rows were opened for them come first, then refreshes
that are due, then the oldest request of the queue that is served; a precharge that may be issued counts as ready,
so that rows with waiting hits are closed for older requests (`frfcfs`) or only for requests older than every hit
(`frfcfs-rowhit`). Writes are served above 0.8 of their queue, or when no read waits, until it falls below 0.2.

In a slot nothing changes between an offer, a due refresh and the issue of a command, so that the best candidates
found once hold until their slot comes; the run jumps from one such slot to the next.
"""

from typing import Any

from bankside.arch.dram.admission import accept, next_offer, take_returns
from bankside.arch.dram.charge import charge
from bankside.arch.dram.commands import ACT, RD
from bankside.arch.dram.due import become_due
from bankside.arch.dram.queues import NEVER_SLOT, TRACE_ROWS
from bankside.arch.dram.steps import step_single, step_split
from bankside.arch.dram.two_part import step_two_part
from bankside.arch.jit import kernel


@kernel
def run_frfcfs(packed: Any, state: Any, queue: Any, requests: Any, at_cycle: Any, limit: int) -> bool:
    """Serve requests until all are done, or the trace is full: then take it away and call again.

    Parameters
    ----------
    requests : int64 array, shape (4, n)
        op, bank of the channel, row, column.
    at_cycle : int64 array, shape (n,)
        Earliest clock of each offer.
    limit : int
        Reads in flight at which offering stops; 0 is none.

    Returns
    -------
    bool
        Whether nothing more will happen.
    """
    std, st, q = packed[0], state[0], queue[0]
    n = requests.shape[1]
    split = std["bus"][ACT] != std["bus"][RD]
    two_part = std["second_within"] > 0
    q["limit"] = limit
    slot, offer = q["slot"], q["offer"]
    if slot == 0:
        slot = offer = next_offer(std, q, requests, at_cycle, limit, 1)
    while q["served"] < n or slot <= q["last_read"]:
        if slot >= NEVER_SLOT:
            break
        if q["traced"] > TRACE_ROWS - 4:
            q["slot"], q["offer"] = slot, offer
            return False
        if slot == offer:
            accept(std, st, q, requests, slot)
        if st["refresh_due"] <= slot:
            become_due(std, st, q)
        back = take_returns(q, slot) if limit > 0 else NEVER_SLOT
        if two_part:
            following = step_two_part(std, st, q, slot)
        elif split:
            following = step_split(std, st, q, slot)
        else:
            following = step_single(std, st, q, slot)
        offer = next_offer(std, q, requests, at_cycle, limit, slot + 1)
        slot = min(min(following, offer), min(st["refresh_due"], back))
    charge(q, max(q["last_read"], q["last_write"]), 0)
    return True
