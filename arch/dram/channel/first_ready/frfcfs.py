"""First-ready, first-come scheduling as Ramulator 2.1 does it, from event to event instead of clock by clock.

Of the commands that may be issued in a slot, requests whose rows were opened for them come first, then refreshes
that are due, then the oldest request of the queue that is served; a precharge that may be issued counts as ready,
so that rows with waiting hits are closed for older requests (`frfcfs`) or only for requests older than every hit
(`frfcfs-rowhit`). Writes are served above 0.8 of their queue, or when no read waits, until it falls below 0.2.

In a slot nothing changes between an offer, a due refresh and the issue of a command, so that the best candidates
found once hold until their slot comes; the run jumps from one such slot to the next.
"""

from typing import Any

from bankside.arch.dram.channel.charge import charge
from bankside.arch.dram.channel.first_ready.admission import (
    accept,
    load,
    next_offer,
    next_return,
    take_returns,
)
from bankside.arch.dram.channel.first_ready.due import become_due
from bankside.arch.dram.channel.first_ready.hits import only_hits, run_of_hits
from bankside.arch.dram.channel.first_ready.idle import skip_rounds
from bankside.arch.dram.channel.first_ready.queues import NEVER_SLOT, TRACE_ROWS, nothing_waits
from bankside.arch.dram.channel.first_ready.steps import step_single, step_split
from bankside.arch.dram.channel.first_ready.two_part import step_two_part
from bankside.arch.jit import kernel


@kernel
def run_frfcfs(
    packed: Any, state: Any, queue: Any,
    op: Any, pc: Any, group: Any, bank: Any, row: Any, column: Any, at_cycle: Any,
) -> bool:  # fmt: skip
    """Serve requests until all are done, or the trace is full: then take it away and call again.

    Parameters
    ----------
    op, pc, group, bank, row, column : int64 arrays, shape (n,)
        READ or WRITE and the coordinates of each request.
    at_cycle : int64 array, shape (n,)
        Earliest clock of each offer.

    Returns
    -------
    bool
        Whether nothing more will happen.
    """
    std, st, q = packed[0], state[0], queue[0]
    n = op.shape[0]
    split = std["single_bus"] == 0
    two_part = std["second_within"] > 0
    slot, offer = q["slot"], q["offer"]
    while q["served"] < n or slot <= q["last_read"]:
        if slot >= NEVER_SLOT:
            break
        if q["traced"] > TRACE_ROWS - 4:
            q["slot"], q["offer"] = slot, offer
            return False
        if slot == offer:
            if q["next_id"] == q["loaded"]:
                load(std, q, op, pc, group, bank, row, column, at_cycle)
            if slot > 0:
                accept(std, st, q, slot)
            if q["next_id"] == q["loaded"] and q["loaded"] < n:
                load(std, q, op, pc, group, bank, row, column, at_cycle)
            offer = 0
        if st["refresh_due"] <= slot:
            if nothing_waits(q) and q["refreshes"] == 0:
                slot += skip_rounds(std, st, q, slot, offer)
            become_due(std, st, q)
        take_returns(q, slot)
        if offer <= slot or q["limit"] > 0:
            offer = next_offer(std, q, slot + 1)
        if not two_part and only_hits(q):
            after, offer = run_of_hits(std, st, q, slot, offer)
            if after > slot:
                slot = after
                continue
        horizon = min(offer, min(st["refresh_due"], next_return(q)))
        if two_part:
            following = step_two_part(std, st, q, slot)
        elif split:
            following = step_split(std, st, q, slot, horizon)
        else:
            following = step_single(std, st, q, slot, horizon)
        offer = next_offer(std, q, min(horizon, following))
        slot = min(min(following, offer), min(st["refresh_due"], next_return(q)))
    charge(q, max(q["last_read"], q["last_write"]), 0)
    return True
