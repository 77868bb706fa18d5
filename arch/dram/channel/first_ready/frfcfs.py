"""First-ready, first-come scheduling as Ramulator 2.1 does it, from event to event instead of clock by clock.

Of the commands that may be issued in a slot, requests whose rows were opened for them come first, then refreshes
that are due, then the oldest request of the queue that is served; a precharge that may be issued counts as ready,
so that rows with waiting hits are closed for older requests (`frfcfs`) or only for requests older than every hit
(`frfcfs-rowhit`). Writes are served above 0.8 of their queue, or when no read waits, until it falls below 0.2.

In a slot nothing changes between an offer, a due refresh and the issue of a command, so that the best candidates
found once hold until their slot comes; the run jumps from one such slot to the next.
"""

from typing import Any

from bankside.arch.dram.channel.first_ready.admission import (
    accept,
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
from bankside.arch.dram.channel.sources import load, wait_for
from bankside.arch.jit import flat_kernel


@flat_kernel
def serve_first_ready(std: Any, address: Any, st: Any, q: Any, work: Any, mine: int, until: int) -> bool:
    """Serve sources until `mine` is done, slot `until` comes, the trace is full, which is then taken away, or the next
    requests of an array are in words that have not come.

    Parameters
    ----------
    std, st, q : numpy.void
        STANDARD, STATE and QUEUE of the channel.
    address : numpy.ndarray
        ADDRESS of the channel, shape (1,).
    work : int64 array
        The words of source `mine`; with NOBODY, which has none, time passes to `until`.

    Returns
    -------
    bool
        Whether the source is done; for a request array, with all of its data returned.
    """
    split, two_part = std["single_bus"] == 0, std["second_within"] > 0
    alone = wait_for(q, mine)
    slot, offer = q["slot"], q["offer"]
    done = True
    while q["done"] == 0 or (alone and slot <= q["last_read"]):
        if slot >= min(until, NEVER_SLOT) or q["traced"] > TRACE_ROWS - 4 or q["short"] != 0:
            done = slot >= NEVER_SLOT
            break
        if slot == offer:
            accept(std, st, q, slot)
            if q["next_id"] == q["loaded"] and q["unloaded"] > 0:
                load(std, address, q, work)
            offer = 0
        if st["refresh_due"] <= slot:
            if nothing_waits(q) and q["refreshes"] == 0:
                slot += skip_rounds(std, st, q, slot, min(offer, until))
            become_due(std, st, q)
        take_returns(q, slot)
        if offer <= slot or q["limit"] > 0:
            offer = next_offer(std, q, slot + 1)
        due = min(st["refresh_due"], until)
        if not two_part and only_hits(q):
            after, offer = run_of_hits(std, st, q, slot, offer, due)
            if after > slot:
                slot = after
                continue
        horizon = min(offer, min(due, next_return(q)))
        if two_part:
            following = step_two_part(std, st, q, slot)
        elif split:
            following = step_split(std, st, q, slot, horizon)
        else:
            following = step_single(std, st, q, slot, horizon)
        offer = next_offer(std, q, min(horizon, following))
        slot = min(min(following, offer), min(st["refresh_due"], next_return(q)))
    q["slot"], q["offer"] = slot, offer
    return done
