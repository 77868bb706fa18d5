"""Runs of row hits, served in the order of age in one tight loop: what streams mostly are.

While every waiting request of the served queue is a hit of one rank or pseudo-channel, no request of either queue
wants a row command, no refresh is in sight, and what holds the oldest request holds all others of its queue too, the
oldest is the answer of every search. Where the turn passes between reads and writes, a run ends and the next begins.
The loop then keeps up to date only what decides over the next column command; what a run means to row commands and
refreshes follows at its end from the last hit of each bank, as later commands only raise times. Command for command,
and cause for cause, the outcome is that of single steps.
"""

from typing import Any

from bankside.arch.causes import DRAM_COMMAND
from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.channel.charge import charge_column
from bankside.arch.dram.channel.deferred import issue_within_run, settle_run
from bankside.arch.dram.channel.first_ready.admission import buffered_write, next_offer, queue_request
from bankside.arch.dram.channel.first_ready.picks import (
    NEVER_PACKED,
    column_command,
    inside_group,
    outside_group,
    rising,
)
from bankside.arch.dram.channel.first_ready.queues import (
    AT_BANK,
    MISS,
    NONE,
    ROW,
    STALE,
    TRACE_ROWS,
    oldest,
)
from bankside.arch.dram.channel.first_ready.serve import finish_column, spoil_by_bus, take_out
from bankside.arch.dram.channel.first_ready.turns import turn, turns
from bankside.arch.dram.channel.sources import INBOX
from bankside.arch.jit import flat_kernel


@flat_kernel
def only_hits(q: Any) -> bool:
    """Whether a run of hits may begin: nothing but column commands of one kind is wanted."""
    others = q["n_active"] + q["n_need"][0] + q["n_need"][1] + q["refreshes"] + q["limit"] + q["closing"]
    return bool(others == 0 and q["size"][q["writing"]] > 1 and not turns(q))


@flat_kernel
def run_of_hits(std: Any, st: Any, q: Any, slot: int, offer: int, due: int) -> tuple[int, int]:
    """Serve hits from `slot` to before `due`, accepting what is offered meanwhile, while the oldest is to be served.

    Returns
    -------
    tuple[int, int]
        The slot to go on from by single steps, `slot` itself where there is nothing to run through, and the next offer.
    """
    op = q["writing"]
    command = column_command(op, 0)
    turning = False
    while (
        q["size"][op] > 1 and slot < due and q["traced"] <= TRACE_ROWS - 4 and q["done"] == 0 and not turning
    ):
        first = oldest(q, op)
        when = hit_time(std, st, q, first, slot)
        if when == STALE:
            break
        while not turning and offer <= when >> 5 and offer < due and fits_run(std, st, q, op, first):
            i = q["next_id"]
            q["next_id"] = i + 1
            queue_request(std, q, i, offer, q["inbox"][i & (INBOX - 1), 2])
            if turns(q):
                slot, turning = offer, True
            offer = next_offer(std, q, offer + 1)
        if turning:
            break
        ends = min(offer, due)
        if ends <= when >> 5:
            if ends > slot:
                q["column_at"], q["column_entry"] = when, first
                q["row_at"], q["row_entry"] = NEVER_PACKED, NONE
            slot = ends
            break
        slot = when >> 5
        bank = natural(q["entry"][natural(first), AT_BANK])
        charge_column(q, bank, slot, when)
        issue_within_run(std, st, q, command, bank, slot)
        take_out(std, q, first)
        finish_column(std, q, command, first, slot)
        q["column_at"], q["row_at"], q["row_entry"] = STALE, NEVER_PACKED, NONE
        spoil_by_bus(std, st, q, command)
        slot += 1
        turning = turns(q)
        if turning and std["single_bus"] == 0:
            turn(q)  # before a row command of the same slot is looked for
        offer = next_offer(std, q, slot)
    settle_run(std, st, q, command)
    return slot, offer


@flat_kernel
def hit_time(std: Any, st: Any, q: Any, first: int, slot: int) -> int:
    """Packed time of the oldest request's column command as of `slot`; STALE where another may be the one to serve."""
    first, op = natural(first), natural(q["writing"])
    bank = natural(q["entry"][first, AT_BANK])
    if q["entry"][first, ROW] != st["row"][bank] or q["line"][op, bank, MISS] != NONE:
        return STALE
    if q["waiting"][op, std["path"][bank, 2] - std["path"][0, 2]] != q["size"][op]:
        return STALE
    command = column_command(op, 0)
    start = rising(std, (slot << 5) + DRAM_COMMAND)
    common = outside_group(std, st, command, bank)
    when = max(common, inside_group(std, st, command, bank))
    if when >> 5 > max(start, common) >> 5:
        return STALE
    if q["column_at"] >> 5 < slot or q["column_kept"] == 1:
        return max(start, rising(std, when))
    return int(q["column_at"]) if q["column_entry"] == first else STALE


@flat_kernel
def fits_run(std: Any, st: Any, q: Any, op: int, first: int) -> bool:
    """Whether the next request is a hit and, where it is of the kind of the run, of its rank."""
    if q["next_id"] + 1 >= q["loaded"]:
        return False
    request = q["inbox"][q["next_id"] & (INBOX - 1)]
    bank = natural(request[1])
    if request[2] != st["row"][bank]:
        return False
    if request[0] == op and std["path"][bank, 2] != std["path"][q["entry"][first, AT_BANK], 2]:
        return False
    return not buffered_write(q, bank, request[2], request[3])
