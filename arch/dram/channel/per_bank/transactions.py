"""What a per-bank controller does with a request that is offered: serve it from a waiting one, or let it wait."""

from typing import Any

from bankside.arch.dram.channel.charge import charge_idle
from bankside.arch.dram.channel.first_ready.admission import insert_return
from bankside.arch.dram.channel.first_ready.queues import NEVER_SLOT, NONE, new_entry
from bankside.arch.dram.channel.per_bank.queues import (
    MERGED,
    MERGED_ACCEPTED,
    find_pending,
    let_wait,
    note_pending,
    nothing_wanted,
    queue_of,
)
from bankside.arch.dram.channel.sources import INBOX, finish
from bankside.arch.jit import flat_kernel


@flat_kernel
def offer_slot(std: Any, q: Any, slot: int) -> int:
    """First slot from `slot` on at which the next request will be accepted as things stand, one a clock."""
    if q["next_id"] >= q["loaded"] or (q["limit"] > 0 and q["in_flight"] >= q["limit"]):
        return NEVER_SLOT
    request = q["inbox"][q["next_id"] & (INBOX - 1)]
    where = queue_of(q, request[0])
    if q["size"][where] >= q["depth"][where]:
        return NEVER_SLOT
    return int(max(slot, request[4]) | (std["slots_per_ck"] - 1))


@flat_kernel
def take_request(q: Any, slot: int) -> None:
    """Accept the next request: its data may be at hand or on the way, else it waits for its bank."""
    i = q["next_id"]
    q["next_id"] = i + 1
    request = q["inbox"][i & (INBOX - 1)]
    op, bank, row, column = request[0], request[1], request[2], request[3]
    if nothing_wanted(q):
        charge_idle(q, slot)
    if op == 0:
        q["in_flight"] += 1
    if find_pending(q, 1, bank, row, column) != NONE:
        q["served"] += 1
        finish(q, q["loading"], slot + (1 - op), 1)
        if op == 1:
            q["coalesced"] += 1
        else:
            q["forwarded"] += 1
            q["latency"] += 1
            q["last_read"] = max(q["last_read"], slot + 1)
            insert_return(q, slot + 1)
        return
    same = find_pending(q, 0, bank, row, column) if op == 0 else NONE
    if same != NONE and q["of"][same] == q["loading"]:
        q["merged"] += 1
        q["entry"][same, MERGED] += 1
        q["entry"][same, MERGED_ACCEPTED] += slot
        return
    entry = new_entry(q, i, op, bank, row, column, slot)
    q["entry"][entry, MERGED] = q["entry"][entry, MERGED_ACCEPTED] = 0
    note_pending(q, entry, 1)
    let_wait(q, entry)
