"""Runs of row hits under per-bank scheduling: reads alone, in one tight loop.

While banks may have nothing but reads of their open rows, all of one rank or pseudo-channel, and writes wait in their
buffer, the next command follows from the banks' turn and the times of reads. The loop keeps only those times up to
date; what a run means to other commands follows at its end from the last read of each bank, as later commands only
raise times. Command for command, and cause for cause, the outcome is that of single steps.
"""

from typing import Any

from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.channel.charge import charge_column
from bankside.arch.dram.channel.deferred import issue_within_run, settle_run
from bankside.arch.dram.channel.first_ready.picks import outside_time, time_at
from bankside.arch.dram.channel.first_ready.queues import AT_BANK, NEVER_SLOT, NONE, ROW, TRACE_ROWS
from bankside.arch.dram.channel.per_bank.queues import (
    COLUMN_PLACE,
    HITS,
    READ_AT,
    SIZE,
    next_to_move,
    take_command,
    to_bank,
)
from bankside.arch.dram.channel.per_bank.serve import drain_more, finish_column, move_transaction
from bankside.arch.dram.channel.per_bank.transactions import offer_slot, take_request
from bankside.arch.dram.channel.per_bank.wants import settle, settle_new
from bankside.arch.dram.device.commands import RANK, RD
from bankside.arch.dram.device.standard import RULE_FAN, RULE_LEVEL, RULE_VALUE
from bankside.arch.jit import flat_kernel


@flat_kernel
def reads_only(std: Any, q: Any, slot: int) -> bool:
    """Whether a run of reads may begin: nothing else can be issued, they are of one rank and keep a distance.

    Where more banks want rows than reads, a run would soon be over and is not worth its beginning.
    """
    others = q["draining"] + q["queued_writes"] + q["refreshes"] + q["limit"] + q["closing"]
    if others > 0 or q["n_column"] == 0 or q["n_row"] > q["n_column"]:
        return False
    if q["n_row"] > 0 and q["row_floor"] <= slot:
        return False
    return bool(q["column_wants"][q["column_rank"][0]] == q["n_column"] and spaced(std))


@flat_kernel
def spaced(std: Any) -> bool:
    """Whether a rule keeps the reads of a rank in different slots."""
    for k in range(std["rule_start"][RD], std["own_rules"][RD]):
        rule = std["rule"][k]
        if rule[RULE_LEVEL] >= RANK and rule[RULE_FAN] == 0 and rule[RULE_VALUE] >> 5 > 0:
            return True
    return False


@flat_kernel
def run_of_reads(std: Any, st: Any, q: Any, slot: int, offer: int, due: int) -> tuple[int, int]:
    """Go on from `slot`, its offer accepted, to `due` at most, while reads of open rows are all that banks may have.

    Returns
    -------
    tuple[int, int]
        The slot to go on from by single steps, and the next offer.
    """
    rank = q["column_rank"][0]
    at, bank = next_read(std, st, q, rank, slot)
    while True:
        changed = at <= slot
        if changed:
            issue_read(std, st, q, bank, slot)
        moving, ended = NEVER_SLOT, q["next_id"] == q["loaded"] and q["unloaded"] == 0
        if q["size"][1] > 0 and drain_more(q, ended):
            settle_run(std, st, q, RD)
            move_transaction(std, st, q, slot, ended)
            slot += 1
            offer = offer_slot(std, q, slot)
            break
        if q["n_movable"][0] > 0:
            moving = slot + 1
            changed |= move_read(std, st, q)
        offer = offer_slot(std, q, slot + 1)
        if q["column_wants"][rank] != q["n_column"]:
            slot += 1
            break
        if changed:
            at, bank = next_read(std, st, q, rank, slot + 1)
        until = min(due, max(slot + 1, q["row_floor"])) if q["n_row"] > 0 else due
        slot = min(min(at, moving), min(offer, until))
        if slot == until or q["queued"] == 0 or q["traced"] > TRACE_ROWS - 4 or q["done"] != 0:
            break
        if slot == offer:
            if q["next_id"] + 1 >= q["loaded"]:
                break
            take_request(q, slot)
    settle_run(std, st, q, RD)
    q["column_floor"] = q["column_outside"] = 0
    return slot, offer


@flat_kernel
def next_read(std: Any, st: Any, q: Any, rank: int, slot: int) -> tuple[int, int]:
    """Slot of the next read from `slot` on, or never, and the bank that issues it: of those ready, the next in turn."""
    klass, rise, size = natural(std["klass"][RD]), std["slots_per_ck"] - 1, std["n_group"] * std["n_bank"]
    first = rank * size
    outside = outside_time(st, std["path"][natural(first)], klass)
    soonest = (max(outside, max(slot << 5, st["bus_free"][1 - std["single_bus"]])) >> 5) | rise
    best, found = NEVER_SLOT, NONE
    bank = q["turn"] if first <= q["turn"] < first + size else first + size - 1
    for _ in range(size):
        bank = bank + 1 if bank + 1 < first + size else first
        place = q["bank"][natural(bank), COLUMN_PLACE]
        if place != NONE:
            place = natural(place)
            group = st["next"][natural(q["column_group"][place]), klass]
            when = (max(q["read_when"][place], group) >> 5) | rise
            if when <= soonest:
                return soonest, bank
            if when < best:
                best, found = when, bank
    return best, found


@flat_kernel
def issue_read(std: Any, st: Any, q: Any, bank: int, slot: int) -> None:
    """Issue the read that a bank wants and find what it wants next."""
    bank = natural(bank)
    line = q["bank"][bank]
    position = natural(line[READ_AT])
    entry = natural(q["commands"][bank, position])
    charge_column(q, bank, slot, time_at(std, st, RD, bank))
    issue_within_run(std, st, q, RD, bank, slot)
    take_command(q, bank, position)
    line[HITS] += 1
    if line[SIZE] > 0 and q["entry"][natural(q["commands"][bank, 0]), ROW] == st["row"][bank]:
        line[READ_AT] = 0
        own = st["next"][natural(std["path"][bank, 0])]
        q["read_when"][natural(line[COLUMN_PLACE])] = own[natural(std["klass"][RD])]
    else:
        if line[SIZE] > 0:
            settle_run(std, st, q, RD)
        settle(std, st, q, bank)
    finish_column(std, q, RD, entry, slot)
    q["turn"] = bank


@flat_kernel
def move_read(std: Any, st: Any, q: Any) -> bool:
    """Move a transaction to its bank's queue; whether that may change what the bank wants."""
    entry = next_to_move(q, 0)
    bank = natural(q["entry"][entry, AT_BANK])
    plain = q["bank"][bank, SIZE] > 0 and q["n_row"] == 0  # behind others, and no row is about to close
    to_bank(q, 0, entry)
    if not plain:
        settle_run(std, st, q, RD)
        settle_new(std, st, q, bank, entry)
    return not plain
