"""Runs of row hits, served in the order of age in one tight loop: what streams mostly are.

While all that is served are hits of one rank or pseudo-channel, and what holds the oldest request holds all others of
its kind too, the oldest is the answer of every search. Reads and writes may take turns meanwhile, and those that wait
for their turn may be anything. The loop keeps up to date only what decides over the next column command; what a run
means to row commands, refreshes and the other kind follows at its end from the last hit of each bank, as later commands
only raise times. Command for command, and cause for cause, the outcome is that of single steps.
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
    judge_bank,
    outside_group,
    rising,
)
from bankside.arch.dram.channel.first_ready.queues import (
    AT_BANK,
    MISS,
    NEED,
    NONE,
    ROW,
    STALE,
    TRACE_ROWS,
    oldest,
)
from bankside.arch.dram.channel.first_ready.serve import finish_column, serve_row, spoil_by_bus, take_out
from bankside.arch.dram.channel.first_ready.turns import look_at_rows, turn, wants_turn
from bankside.arch.dram.channel.sources import INBOX
from bankside.arch.jit import hot_kernel


@hot_kernel
def only_hits(q: Any) -> bool:
    """Whether a run of hits may begin: whose turn it is wants nothing but column commands."""
    if q["n_active"] + q["refreshes"] + q["limit"] + q["closing"] != 0:
        return False
    op = 1 - q["writing"] if wants_turn(q) else q["writing"]
    return bool(q["n_need"][op] == 0 and q["size"][op] > 1)


@hot_kernel
def run_of_hits(std: Any, st: Any, q: Any, slot: int, offer: int, due: int) -> tuple[int, int]:
    """Serve hits from `slot`, its offer accepted, to before `due`, accepting what is offered meanwhile, while the
    oldest is to be served.

    Returns
    -------
    tuple[int, int]
        The slot to go on from by single steps, `slot` itself where there is nothing to run through, and the next offer.
    """
    while slot < due and q["traced"] <= TRACE_ROWS - 4 and q["done"] == 0:
        if offer == slot:
            if not fits_run(std, st, q):
                break
            accept_in_run(std, st, q, slot)
            offer = next_offer(std, q, slot + 1)
        if wants_turn(q):
            settle_hits(std, st, q)
            turn(q)
        op = q["writing"]
        if q["n_need"][op] > 0 or q["size"][op] < 2:
            break
        first = oldest(q, op)
        when = hit_time(std, st, q, first, slot)
        if when == STALE:
            break
        ends, turns = min(when >> 5, due - 1), False
        while offer <= ends and not turns and fits_run(std, st, q):
            slot = offer
            turns = accept_in_run(std, st, q, slot)
            offer = next_offer(std, q, slot + 1)
        if turns:
            continue
        ends = min(offer, due)
        if ends <= when >> 5:
            q["column_at"], q["column_entry"] = when, first
            q["row_at"], q["row_entry"] = NEVER_PACKED, NONE
            slot = ends
            break
        slot = when >> 5
        bank = natural(q["entry"][natural(first), AT_BANK])
        charge_column(q, bank, slot, when)
        issue_within_run(std, st, q, column_command(op, 0), bank, slot)
        take_out(std, q, first)
        finish_column(std, q, column_command(op, 0), first, slot)
        q["column_at"], q["row_at"], q["row_entry"] = STALE, NEVER_PACKED, NONE
        spoil_by_bus(std, q, column_command(op, 0))
        if std["single_bus"] == 0 and wants_turn(q):
            settle_hits(std, st, q)
            turn_with_row(std, st, q, slot)
        slot += 1
        offer = next_offer(std, q, slot)
        if q["n_active"] > 0:
            break
    settle_hits(std, st, q)
    return slot, offer


@hot_kernel
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
    if q["column_at"] >> 5 < slot:
        return max(start, rising(std, when))
    return int(q["column_at"]) if q["column_entry"] == first else STALE


@hot_kernel
def turn_with_row(std: Any, st: Any, q: Any, slot: int) -> None:
    """Turn in the slot of a column command, which leaves the bus of row commands to those whose turn it then is."""
    turn(q)
    if q["n_need"][q["writing"]] > 0 and look_at_rows(std, st, q, slot) <= slot:
        serve_row(std, st, q, q["row_entry"], q["row_at"])


@hot_kernel
def settle_hits(std: Any, st: Any, q: Any) -> None:
    """Tell the bank state, and what the banks of the run need, of the hits so far."""
    hits = q["n_hit"]
    settle_run(std, st, q, column_command(q["writing"], 0))
    if q["n_need"][0] + q["n_need"][1] > 0:
        for k in range(hits):
            judge_bank(std, st, q, q["hit_banks"][k])


@hot_kernel
def fits_run(std: Any, st: Any, q: Any) -> bool:
    """Whether the next request is a hit of the rank that is served, or is of the other kind and waits for its turn."""
    if q["next_id"] + 1 >= q["loaded"]:
        return False
    request = q["inbox"][q["next_id"] & (INBOX - 1)]
    bank, op = natural(request[1]), q["writing"]
    if request[0] == op:
        rank = std["path"][bank, 2] - std["path"][0, 2]
        if request[2] != st["row"][bank] or q["waiting"][op, rank] != q["size"][op]:
            return False
    return not buffered_write(q, bank, request[2], request[3])


@hot_kernel
def accept_in_run(std: Any, st: Any, q: Any, slot: int) -> bool:
    """Queue the next request, which fits the run; whether it is then the other kind's turn."""
    i = q["next_id"]
    q["next_id"] = i + 1
    request = q["inbox"][i & (INBOX - 1)]
    op, bank = natural(request[0]), natural(request[1])
    queue_request(std, q, i, slot, st["row"][bank])
    if op == q["writing"]:
        return False
    if request[2] != st["row"][bank] and q["line"][op, bank, NEED] == NONE:
        judge_bank(std, st, q, bank)
    return wants_turn(q)
