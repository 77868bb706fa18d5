"""What a first-come queue does with a request that is offered: forward, coalesce, queue or refuse it."""

from typing import Any

from bankside.arch.causes import DRAM_COMMAND
from bankside.arch.dram.channel.charge import charge_idle
from bankside.arch.dram.channel.first_ready.picks import (
    column_command,
    consider_row,
    judge_bank,
    rising,
    sooner,
    time_at,
)
from bankside.arch.dram.channel.first_ready.queues import (
    AT_BANK,
    CLOSED,
    COLUMN,
    HEAD,
    HIT,
    MAX_ENTRY,
    NEED,
    NEVER_SLOT,
    NEWER,
    NONE,
    OP,
    ROW,
    STALE,
    filter_index,
    new_entry,
    nothing_waits,
    push,
)
from bankside.arch.dram.channel.sources import INBOX, finish
from bankside.arch.jit import flat_kernel


@flat_kernel
def buffered_write(q: Any, bank: int, row: int, column: int) -> bool:
    """Whether a write to this burst waits in the write queue."""
    if q["size"][1] == 0 or q["filter"][filter_index(bank, row, column)] == 0:
        return False
    entry = q["line"][1, bank, HEAD]
    while entry != NONE:
        if q["entry"][entry, ROW] == row and q["entry"][entry, COLUMN] == column:
            return True
        entry = q["entry"][entry, NEWER]
    return False


@flat_kernel
def next_offer(std: Any, q: Any, slot: int) -> int:
    """First slot from `slot` on at which the next request will be accepted as things stand, one a clock."""
    if q["next_id"] >= q["loaded"] or (q["limit"] > 0 and q["in_flight"] >= q["limit"]):
        return NEVER_SLOT
    request = q["inbox"][q["next_id"] & (INBOX - 1)]
    op = request[0]
    if q["size"][op] >= q["depth"][op] and not buffered_write(q, request[1], request[2], request[3]):
        return NEVER_SLOT
    when = max(slot, request[4])
    if std["slots_per_ck"] == 2:
        when |= 1
    return int(when)


@flat_kernel
def accept(std: Any, st: Any, q: Any, slot: int) -> None:
    """Take the next request in at `slot`; `next_offer` has said that it fits."""
    i = q["next_id"]
    q["next_id"] = i + 1
    request = q["inbox"][i & (INBOX - 1)]
    op, bank, row, column = request[0], request[1], request[2], request[3]
    if nothing_waits(q):
        charge_idle(q, slot)
    if buffered_write(q, bank, row, column):
        q["served"] += 1
        finish(q, q["loading"], slot, 1)
        if op == 1:
            q["coalesced"] += 1
        else:
            q["forwarded"] += 1
            q["latency"] += 1
            q["in_flight"] += 1
            q["last_read"] = max(q["last_read"], slot)
            push_return(q, slot)
        return
    entry = queue_request(std, q, i, slot, st["row"][bank] if q["closing"] == 0 else CLOSED)
    if q["line"][op, bank, NEED] == NONE:
        judge_bank(std, st, q, bank)
    if op == q["writing"] and (q["column_at"] != STALE or q["line"][op, bank, NEED] == entry):
        _consider(std, st, q, entry, slot)


@flat_kernel
def queue_request(std: Any, q: Any, i: int, slot: int, open_row: int) -> int:
    """Make request `i`, accepted at `slot`, an entry of its queue; `open_row` of its bank makes it a hit or a miss."""
    request = q["inbox"][i & (INBOX - 1)]
    op, bank, row, column = request[0], request[1], request[2], request[3]
    entry = new_entry(q, i, op, bank, row, column, slot - 1)
    push(std, q, entry, open_row)
    if op == 1:
        q["filter"][filter_index(bank, row, column)] += 1
    else:
        q["in_flight"] += 1
    return entry


@flat_kernel
def _consider(std: Any, st: Any, q: Any, entry: int, slot: int) -> None:
    """Let a new entry of the served queue compete with the best commands found so far."""
    op, bank = q["entry"][entry, OP], q["entry"][entry, AT_BANK]
    if q["line"][op, bank, HIT] == entry:
        if q["column_kept"] == 1:
            q["column_at"] = STALE
        elif q["column_at"] != STALE:
            when = max((slot << 5) + DRAM_COMMAND, time_at(std, st, column_command(op, q["closing"]), bank))
            when = rising(std, when)
            if sooner(q, when, entry, q["column_at"], q["column_entry"]):
                q["column_at"], q["column_entry"] = when, entry
    elif q["line"][op, bank, NEED] == entry:
        consider_row(std, st, q, bank, slot)


@flat_kernel
def push_return(q: Any, slot: int) -> None:
    """Note a read that returns at `slot`, or with the last one noted where that is later: reads return in order.

    Returns are only kept where reads in flight are limited.
    """
    if q["limit"] == 0:
        return
    at = (q["first_return"] + q["n_return"]) % MAX_ENTRY
    if q["n_return"] > 0:
        slot = max(slot, q["return_slot"][(at - 1) % MAX_ENTRY])
    q["return_slot"][at] = slot
    q["n_return"] += 1


@flat_kernel
def insert_return(q: Any, slot: int) -> None:
    """`push_return` where a read may return before others that were noted earlier."""
    if q["limit"] == 0:
        return
    at = (q["first_return"] + q["n_return"]) % MAX_ENTRY
    while at != q["first_return"] and q["return_slot"][(at - 1) % MAX_ENTRY] > slot:
        q["return_slot"][at] = q["return_slot"][(at - 1) % MAX_ENTRY]
        at = (at - 1) % MAX_ENTRY
    q["return_slot"][at] = slot
    q["n_return"] += 1


@flat_kernel
def take_returns(q: Any, slot: int) -> None:
    """Count the reads returned by `slot`."""
    while q["n_return"] > 0:
        if q["return_slot"][q["first_return"]] > slot:
            return
        q["first_return"] = (q["first_return"] + 1) % MAX_ENTRY
        q["n_return"] -= 1
        q["in_flight"] -= 1


@flat_kernel
def next_return(q: Any) -> int:
    """Slot of the next return, or never."""
    if q["n_return"] == 0:
        return NEVER_SLOT
    first: int = q["return_slot"][q["first_return"]]
    return first
