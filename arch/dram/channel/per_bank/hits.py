"""Runs of row hits under per-bank scheduling, in one tight loop.

While banks may have nothing but column commands of their open rows, all of one rank or pseudo-channel, the next one
follows from the banks' turn and the times of its kind: reads follow reads, and writes writes, until one of the other
kind may come as soon. The loop keeps only the times of the kind at hand up to date; what a run means to other commands
follows at its end, or where the kind changes, from the last command of each bank, as later ones only raise times.
Command for command, and cause for cause, the outcome is that of single steps.
"""

from typing import Any

from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.channel.charge import charge_column
from bankside.arch.dram.channel.deferred import issue_within_run, settle_run
from bankside.arch.dram.channel.first_ready.picks import NEVER_PACKED, outside_time, time_at
from bankside.arch.dram.channel.first_ready.queues import (
    AT_BANK,
    COLUMN,
    NEVER_SLOT,
    NONE,
    OP,
    ROW,
    TRACE_ROWS,
    filter_index,
)
from bankside.arch.dram.channel.per_bank.queues import (
    COLUMN_GROUP,
    COLUMN_PLACE,
    COLUMN_RANK,
    HITS,
    READ_AT,
    READ_WHEN,
    SIZE,
    WRITES,
    next_to_move,
    take_command,
    to_bank,
)
from bankside.arch.dram.channel.per_bank.serve import drain_more, finish_column, move_transaction
from bankside.arch.dram.channel.per_bank.transactions import offer_slot, take_request
from bankside.arch.dram.channel.per_bank.wants import settle, settle_new
from bankside.arch.dram.device.commands import RANK, RD, WR
from bankside.arch.dram.device.standard import RULE_FAN, RULE_KLASS, RULE_LEVEL, RULE_VALUE
from bankside.arch.jit import hot_kernel


@hot_kernel
def columns_only(std: Any, q: Any, slot: int) -> bool:
    """Whether a run may begin: nothing else can be issued, the commands are of one rank and keep a distance.

    Where more banks want rows than columns, a run would soon be over and is not worth its beginning.
    """
    if q["refreshes"] + q["limit"] + q["closing"] > 0 or q["n_column"] == 0 or q["n_row"] > q["n_column"]:
        return False
    if q["n_row"] > 0 and q["row_floor"] <= slot:
        return False
    if q["column_wants"][q["column_want"][0, COLUMN_RANK]] != q["n_column"]:
        return False
    return bool(spaced(std, RD) and spaced(std, WR))


@hot_kernel
def spaced(std: Any, before: int) -> bool:
    """Whether rules keep reads and writes of a rank in other slots than a column command before them."""
    return bool(min(apart(std, before, RD), apart(std, before, WR)) >> 5 > 0)


@hot_kernel
def apart(std: Any, before: int, after: int) -> int:
    """Packed distance that two column commands of a rank keep by its rules and those of the levels outside."""
    found, klass = 0, std["klass"][after]
    for k in range(std["rule_start"][before], std["rule_start"][before + 1]):
        rule = std["rule"][k]
        if rule[RULE_KLASS] == klass and rule[RULE_LEVEL] >= RANK and rule[RULE_FAN] == 0:
            found = max(found, rule[RULE_VALUE])
    return int(found)


@hot_kernel
def run_of_columns(std: Any, st: Any, q: Any, slot: int, offer: int, due: int) -> tuple[int, int]:
    """Go on from `slot`, its offer accepted, to `due` at most, while columns of open rows are all that banks may have.

    Returns
    -------
    tuple[int, int]
        The slot to go on from by single steps, and the next offer.
    """
    rank, last = q["column_want"][0, COLUMN_RANK], NONE
    op, at, bank = next_column(std, st, q, rank, 0, slot, NONE)
    if bank == NONE:
        return slot, offer
    while True:
        changed = at <= slot
        if changed:
            issue_in_run(std, st, q, op, bank, slot)
            last = slot
        moving, moved = NEVER_SLOT, False
        if may_move(q):
            moving, moved = move_in_run(std, st, q, op, slot)
        offer = offer_slot(std, q, slot + 1)
        if q["column_wants"][rank] != q["n_column"]:
            slot += 1
            break
        if changed or moved:
            before = op
            op, at, bank = next_column(std, st, q, rank, op, slot + 1, last)
            last = last if op == before else NONE
        until = min(due, max(slot + 1, q["row_floor"])) if q["n_row"] > 0 else due
        if bank == NONE:
            until = min(until, at)
        slot = min(min(at, moving), min(offer, until))
        if slot == until or q["queued"] == 0 or q["traced"] > TRACE_ROWS - 4 or q["done"] != 0:
            break
        if slot == offer:
            if q["next_id"] + 1 >= q["loaded"]:
                break
            take_request(q, slot)
    settle_columns(std, st, q, op)
    q["column_floor"] = q["column_outside"] = 0
    return slot, offer


@hot_kernel
def next_column(std: Any, st: Any, q: Any, rank: int, op: int, slot: int, last: int) -> tuple[int, int, int]:
    """Kind, slot and bank of the next column command from `slot` on, or never.

    Commands of the kind at hand, of which the last came at slot `last`, are it until one of the other may come as soon;
    where one of either may come in a slot, the bank is NONE.
    """
    at, bank = next_of_kind(std, st, q, rank, op, slot)
    others = q["queued_writes"] if op == 0 else q["queued"] - q["queued_writes"]
    if others == 0:
        return op, at, bank
    this, other = (RD, WR) if op == 0 else (WR, RD)
    path = std["path"][natural(rank * std["n_group"] * std["n_bank"])]
    if (
        at
        < max(outside_time(st, path, natural(std["klass"][other])), (last << 5) + apart(std, this, other))
        >> 5
    ):
        return op, at, bank
    settle_columns(std, st, q, op)
    other_at, other_bank = next_of_kind(std, st, q, rank, 1 - op, slot)
    if other_at < at:
        return 1 - op, other_at, other_bank
    return op, at, bank if at < other_at else NONE


@hot_kernel
def next_of_kind(std: Any, st: Any, q: Any, rank: int, op: int, slot: int) -> tuple[int, int]:
    """Slot of the next read (or write) from `slot` on, or never, and its bank: of those ready, the next in turn."""
    klass, size = natural(std["klass"][RD if op == 0 else WR]), std["n_group"] * std["n_bank"]
    rise, when_at = std["slots_per_ck"] - 1, READ_WHEN + op
    first = rank * size
    outside = outside_time(st, std["path"][natural(first)], klass)
    soonest = (max(outside, max(slot << 5, st["bus_free"][1 - std["single_bus"]])) >> 5) | rise
    best, found = NEVER_SLOT, NONE
    bank = q["turn"] if first <= q["turn"] < first + size else first + size - 1
    for _ in range(size):
        bank = bank + 1 if bank + 1 < first + size else first
        place = q["bank"][natural(bank), COLUMN_PLACE]
        if place != NONE:
            want = q["column_want"][natural(place)]
            when = (max(want[natural(when_at)], st["next"][natural(want[COLUMN_GROUP]), klass]) >> 5) | rise
            if when <= soonest:
                return soonest, bank
            if when < best:
                best, found = when, bank
    return best, found


@hot_kernel
def settle_columns(std: Any, st: Any, q: Any, op: int) -> None:
    """Tell the bank state of the commands so far, and the banks of the run when one of the other kind may come."""
    hits = q["n_hit"]
    settle_run(std, st, q, RD if op == 0 else WR)
    klass = natural(std["klass"][WR if op == 0 else RD])
    for k in range(hits):
        bank = natural(q["hit_banks"][k])
        line = q["bank"][bank]
        if line[natural(READ_AT + 1 - op)] != NONE:
            own = st["next"][natural(std["path"][bank, 0])]
            q["column_want"][natural(line[COLUMN_PLACE]), natural(READ_WHEN + 1 - op)] = own[klass]


@hot_kernel
def begins_with_hit(st: Any, q: Any, bank: int) -> bool:
    """Whether the first command of a bank is one of its open row, which then stays open."""
    if q["bank"][bank, SIZE] == 0:
        return False
    return bool(q["entry"][natural(q["commands"][bank, 0]), ROW] == st["row"][bank])


@hot_kernel
def pending_of(q: Any, op: int, entry: int) -> int:
    """How many reads (or writes) wait that may be of the burst of an entry."""
    line = q["entry"][natural(entry)]
    return int(q["filter"][natural(op), filter_index(line[AT_BANK], line[ROW], line[COLUMN])])


@hot_kernel
def issue_in_run(std: Any, st: Any, q: Any, op: int, bank: int, slot: int) -> None:
    """Issue the read (or write) that a bank wants and find what it wants next."""
    bank, command, kind = natural(bank), RD if op == 0 else WR, natural(READ_AT + op)
    line = q["bank"][bank]
    position = natural(line[kind])
    entry = natural(q["commands"][bank, position])
    charge_column(q, bank, slot, time_at(std, st, command, bank))
    issue_within_run(std, st, q, command, bank, slot)
    take_command(q, bank, position)
    line[HITS] += 1
    following, plain = 0, begins_with_hit(st, q, bank)
    if plain and (op == 1 or line[WRITES] > 0):
        plain = pending_of(q, 1 - op, entry) == 0
        following = first_hit(q, bank, op, position, st["row"][bank])
        plain = plain and (
            following == NONE or op == 0 or pending_of(q, 0, q["commands"][bank, following]) == 0
        )
    if plain:
        want = q["column_want"][natural(line[COLUMN_PLACE])]
        own = st["next"][natural(std["path"][bank, 0])]
        line[kind] = following
        want[natural(READ_WHEN + op)] = (
            own[natural(std["klass"][command])] if following != NONE else NEVER_PACKED
        )
        other = natural(READ_AT + 1 - op)
        if line[other] > position:
            line[other] -= 1
    else:
        if line[SIZE] > 0:
            settle_columns(std, st, q, op)
        settle(std, st, q, bank)
    finish_column(std, q, command, entry, slot)
    q["turn"] = bank


@hot_kernel
def first_hit(q: Any, bank: int, op: int, position: int, row: int) -> int:
    """Position of the first read (or write) of a row in a bank's queue from `position` on, or NONE."""
    for k in range(position, q["bank"][bank, SIZE]):
        line = q["entry"][natural(q["commands"][bank, natural(k)])]
        if line[OP] == op and line[ROW] == row:
            return int(k)
    return NONE


@hot_kernel
def may_move(q: Any) -> bool:
    """Whether a transaction may move to its bank's queue: a read whose bank has room, or a write."""
    word = q["size"][1]
    for k in range(q["words"]):
        word |= q["movable"][0, k]
    return bool(word != 0)


@hot_kernel
def move_in_run(std: Any, st: Any, q: Any, op: int, slot: int) -> tuple[int, bool]:
    """Move a transaction to its bank's queue, as `move_transaction` does; whether that may change what the bank wants.

    `op` is the kind of the run's last commands.
    """
    ended = q["next_id"] == q["loaded"] and q["unloaded"] == 0
    if q["size"][1] > 0 and q["draining"] == 0 and drain_more(q, ended):
        q["draining"] = q["size"][1]
    where = 1 if q["draining"] > 0 else 0
    entry = next_to_move(q, where)
    if entry == NONE:
        return NEVER_SLOT, False
    bank, kind = natural(q["entry"][entry, AT_BANK]), natural(READ_AT + where)
    if where == 1 and pending_of(q, 0, entry) > 0:
        settle_columns(std, st, q, op)
        return move_transaction(std, st, q, slot, ended), True
    q["draining"] -= where
    line, stays = q["bank"][bank], begins_with_hit(st, q, bank)
    to_bank(q, where, entry)
    if not stays:
        settle_columns(std, st, q, op)
        settle_new(std, st, q, bank, entry)
        return slot + 1, True
    if q["entry"][entry, ROW] != st["row"][bank] or line[kind] != NONE:
        return slot + 1, False
    line[kind] = line[SIZE] - 1
    own = st["next"][natural(std["path"][bank, 0])]
    klass = natural(std["klass"][RD if where == 0 else WR])
    q["column_want"][natural(line[COLUMN_PLACE]), natural(READ_WHEN + where)] = own[klass]
    return slot + 1, True
