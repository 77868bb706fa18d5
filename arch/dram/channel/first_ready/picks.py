"""Which command a first-ready, first-come scheduler issues next: of those that can come soonest, the oldest.

A search starts at a floor slot and finds the earliest slot at which any candidate may come, and of the candidates
ready in that slot the oldest request. Until something changes, that answer holds; a new candidate can only better it.
"""

from typing import Any

from bankside.arch.causes import DRAM_COMMAND
from bankside.arch.dram.banks.branchless import later, natural
from bankside.arch.dram.channel.first_ready.queues import (
    AT_BANK,
    AT_ONCE,
    CLOSED,
    HEAD,
    HIT,
    ID,
    MISS,
    NEED,
    NEED_PLACE,
    NEVER_SLOT,
    NONE,
    OP,
    RING,
    ROW,
    STALE,
    oldest,
)
from bankside.arch.dram.device.commands import ACT, PRE, RD, WR
from bankside.arch.jit import flat_kernel

NEVER_PACKED = NEVER_SLOT << 5

AGE_BITS = 20
MAX_AGE = (1 << AGE_BITS) - 1
"""Slots from now on and an age in one number; requests that so many others have passed are equally old."""


@flat_kernel
def rule_time(std: Any, st: Any, command: int, bank: int) -> int:
    """Earliest packed time of a command to one bank by its rules; activation windows are folded into the nodes."""
    klass, path = natural(std["klass"][command]), std["path"][natural(bank)]
    found = st["next"][natural(path[0]), klass]
    for level in range(1, 5):
        found = later(found, st["next"][natural(path[level]), klass])
    return int(found)


@flat_kernel
def time_at(std: Any, st: Any, command: int, bank: int) -> int:
    """Earliest packed time of a command to one bank by its rules or, where later, the command bus."""
    found = rule_time(std, st, command, bank)
    free = st["bus_free"][std["bus"][command]]
    return int(free if free >> 5 > found >> 5 else found)


@flat_kernel
def column_command(op: int, closing: int) -> int:
    """RD or WR, or their forms that close the row."""
    return (RD if op == 0 else WR) + closing


@flat_kernel
def rising(std: Any, when: int) -> int:
    """The packed time moved to a slot with a rising clock edge (odd slots, where slots are half clocks)."""
    if std["slots_per_ck"] == 2 and ((when >> 5) & 1) == 0:
        return when + 32
    return when


@flat_kernel
def sooner(q: Any, when: int, entry: int, best_when: int, best: int) -> bool:
    """Whether a candidate comes in an earlier slot than the best so far, or in the same for an older request."""
    slot, best_slot = when >> 5, best_when >> 5
    if slot != best_slot:
        return slot < best_slot
    return best == NONE or q["entry"][entry, ID] < q["entry"][best, ID]


@flat_kernel
def consider_active(std: Any, st: Any, q: Any, entry: int, start: int) -> None:
    """Let an active entry compete for the next column command of the active entries."""
    line = q["entry"][natural(entry)]
    command = column_command(line[OP], q["closing"])
    when = max(start, rising(std, time_at(std, st, command, line[AT_BANK])))
    if sooner(q, when, entry, q["active_at"], q["active_entry"]):
        q["active_at"], q["active_entry"] = when, entry


@flat_kernel
def find_active(std: Any, st: Any, q: Any, floor: int) -> None:
    """Best column command of the requests whose rows were opened for them."""
    start = rising(std, (floor << 5) + DRAM_COMMAND)
    q["active_entry"], q["active_at"] = NONE, NEVER_PACKED
    for k in range(q["n_active"]):
        consider_active(std, st, q, q["actives"][k], start)


@flat_kernel
def find_column(std: Any, st: Any, q: Any, floor: int) -> None:
    """Best column command of the served queue: the row hits.

    The oldest request of all is the answer if it is a hit and what holds it holds every other one too. Where column
    commands close their row, no other request than the one it was opened for is a hit.
    """
    if q["closing"] != 0:
        q["column_entry"], q["column_at"] = NONE, NEVER_PACKED
        return
    op = q["writing"]
    command = column_command(op, q["closing"])
    start = rising(std, (floor << 5) + DRAM_COMMAND)
    best, best_when = NONE, NEVER_PACKED
    first = oldest(q, op)
    if first != NONE:
        bank = q["entry"][first, AT_BANK]
        if q["entry"][first, ROW] == st["row"][bank]:
            common = outside_group(std, st, command, bank)
            when = max(common, inside_group(std, st, command, bank))
            best, best_when = first, max(start, rising(std, when))
            together = q["waiting"][op, std["path"][bank, 2] - std["path"][0, 2]] == q["size"][op]
            if together and when >> 5 <= max(start, common) >> 5:
                q["column_entry"], q["column_at"] = best, best_when
                return
    for k in range(q["n_occupied"][op]):
        bank = q["occupied"][op, k]
        entry = q["line"][op, bank, HIT]
        if entry != NONE:
            when = max(start, rising(std, time_at(std, st, command, bank)))
            if sooner(q, when, entry, best_when, best):
                best, best_when = entry, when
    q["column_entry"], q["column_at"] = best, best_when


@flat_kernel
def inside_group(std: Any, st: Any, command: int, bank: int) -> int:
    """Packed time by the rules of the bank and its group alone."""
    path, klass = std["path"][natural(bank)], natural(std["klass"][command])
    return int(max(st["next"][natural(path[0]), klass], st["next"][natural(path[1]), klass]))


@flat_kernel
def outside_group(std: Any, st: Any, command: int, bank: int) -> int:
    """Packed time by the command bus and the rules of the levels outside the bank's group."""
    found = outside_time(st, std["path"][natural(bank)], natural(std["klass"][command]))
    return int(max(found, st["bus_free"][std["bus"][command]]))


@flat_kernel
def judge_bank(std: Any, st: Any, q: Any, bank: int) -> None:
    """Find which request of each queue needs a row command of this bank, and when the bank alone allows it.

    A closed bank opens the row of its oldest request. An open one may close for its oldest miss, unless a request
    still waits for the row that was opened for it; where hits are kept also unless an older hit waits.
    """
    closed = st["row"][bank] == CLOSED
    bank = natural(bank)
    for op in range(2):
        line = q["line"][op, bank]
        if line[HEAD] == NONE and line[NEED] == NONE:
            continue
        entry = line[HEAD] if closed else line[MISS]
        if entry != NONE and not closed:
            hit = line[HIT]
            kept = q["keep_hits"] != 0 and hit != NONE and q["entry"][hit, ID] < q["entry"][entry, ID]
            if kept or q["active"][bank] != NONE:
                entry = NONE
        if entry != NONE:
            _note_need(std, st, q, op, bank, entry, 1 if closed else 0)
        elif line[NEED] != NONE:
            _drop_need(q, op, bank)


@flat_kernel
def _note_need(std: Any, st: Any, q: Any, op: int, bank: int, entry: int, closed: int) -> None:
    line = q["line"][op, bank]
    if line[NEED] == NONE:
        line[NEED_PLACE] = q["n_need"][op]
        q["n_need"][op] += 1
    line[NEED] = entry
    at = natural(line[NEED_PLACE])
    q["need_bank"][op, at] = bank
    q["need_at"][op, at] = st["next"][std["path"][bank, 0], std["klass"][ACT if closed == 1 else PRE]]
    q["need_opens"][op, at] = closed
    q["need_id"][op, at] = q["entry"][entry, ID]
    q["need_group"][op, at] = std["path"][bank, 1]
    q["need_rank"][op, at] = std["path"][bank, 2] - std["path"][0, 2]


@flat_kernel
def _drop_need(q: Any, op: int, bank: int) -> None:
    q["line"][op, bank, NEED] = NONE
    q["n_need"][op] -= 1
    at, last = natural(q["line"][op, bank, NEED_PLACE]), natural(q["n_need"][op])
    moved = natural(q["need_bank"][op, last])
    q["need_bank"][op, at] = moved
    q["need_at"][op, at] = q["need_at"][op, last]
    q["need_opens"][op, at] = q["need_opens"][op, last]
    q["need_id"][op, at] = q["need_id"][op, last]
    q["need_group"][op, at] = q["need_group"][op, last]
    q["need_rank"][op, at] = q["need_rank"][op, last]
    q["need_rank"][op, last] = NONE
    q["line"][op, moved, NEED_PLACE] = at


@flat_kernel
def row_time(std: Any, st: Any, bank: int, start: int) -> int:
    """Packed time of the row command that a bank needs: activations on rising edges, precharges on any slot."""
    if st["row"][bank] == CLOSED:
        return max(start, rising(std, time_at(std, st, ACT, bank)))
    return max(start, time_at(std, st, PRE, bank))


@flat_kernel
def consider_row(std: Any, st: Any, q: Any, bank: int, slot: int) -> None:
    """Let what a bank needs compete with the best row command at hand, or spoil that where it was this bank's."""
    if q["row_at"] == STALE:
        return
    best = q["row_entry"]
    if best != NONE and q["entry"][best, AT_BANK] == bank:
        q["row_at"] = STALE
        return
    entry = q["line"][q["writing"], bank, NEED]
    if entry == NONE or (q["opening"] != NONE and st["row"][bank] == CLOSED):
        return
    when = row_time(std, st, bank, (slot << 5) + DRAM_COMMAND)
    if sooner(q, when, entry, q["row_at"], best):
        q["row_at"], q["row_entry"] = when, entry


@flat_kernel
def find_row(std: Any, st: Any, q: Any, floor: int) -> None:
    """Best row command of the served queue.

    Candidates are compared by one number, slot and age together, several at once, and none is branched on: which of
    them is better is as good as random, and a mispredicted branch costs more than all the arithmetic of a bank.
    """
    op = natural(q["writing"])
    start = (floor << 5) + DRAM_COMMAND
    free, size = max(start, st["bus_free"][0]), std["n_group"] * std["n_bank"]
    pre, act = natural(std["klass"][PRE]), natural(std["klass"][ACT])
    best = NEVER_SLOT
    for rank in range(std["n_pseudo_channel"] * std["n_rank"]):
        if q["waiting"][op, rank] > 0:
            path = std["path"][natural(rank * size)]
            close, opens = max(free, outside_time(st, path, pre)), max(free, outside_time(st, path, act))
            for group in range(path[1], path[1] + std["n_group"]):
                times = st["next"][natural(group)]
                if times[pre] > close:
                    _fold_group(q, op, group, 0, times[pre])
                if times[act] > opens:
                    _fold_group(q, op, group, 1, times[act])
            best = min(best, _best_key(q, op, rank, close, opens, floor, std["slots_per_ck"] - 1))
    if best == NEVER_SLOT:
        q["row_entry"], q["row_at"] = NONE, NEVER_PACKED
    else:
        entry = _entry_of(std, st, q, op, best, floor)
        q["row_entry"], q["row_at"] = entry, row_time(std, st, q["entry"][entry, AT_BANK], start)


@flat_kernel
def outside_time(st: Any, path: Any, klass: int) -> int:
    """Packed time by the rules of rank, pseudo-channel and channel alone; `path` holds the nodes of a bank."""
    found = max(st["next"][natural(path[2]), klass], st["next"][natural(path[3]), klass])
    return int(max(found, st["next"][natural(path[4]), klass]))


@flat_kernel
def _fold_group(q: Any, op: int, group: int, opens: int, when: int) -> None:
    """Make what a bank group allows part of what its banks allow: later commands only raise times."""
    for k in range((q["n_need"][op] + AT_ONCE - 1) & -AT_ONCE):
        held = q["need_group"][op, k] == group and q["need_opens"][op, k] == opens
        q["need_at"][op, k] = max(q["need_at"][op, k], when if held else 0)


@flat_kernel
def _best_key(q: Any, op: int, rank: int, close: int, opens: int, floor: int, rise: int) -> int:
    """Slot from `floor` on and age in one number, the least of the banks of a rank that need a row command."""
    ages_ago = q["next_id"] - MAX_AGE
    never = NEVER_SLOT if q["opening"] != NONE else 0
    best = NEVER_SLOT
    for k in range((q["n_need"][op] + AT_ONCE - 1) & -AT_ONCE):
        act = q["need_opens"][op, k]
        when = max(opens if act == 1 else close, q["need_at"][op, k])
        age = max(q["need_id"][op, k] - ages_ago, 0)
        key = ((((when >> 5) | (rise & act)) - floor) << AGE_BITS) | age | (never & -act)
        best = min(best, key if q["need_rank"][op, k] == rank else NEVER_SLOT)
    return int(best)


@flat_kernel
def _entry_of(std: Any, st: Any, q: Any, op: int, key: int, floor: int) -> int:
    """The entry that needs the row command of a number: by its age, where it is not among the equally old."""
    first, age = q["next_id"] - MAX_AGE, key & MAX_AGE
    if MAX_AGE - age <= RING:
        return int(q["ring"][natural((first + age) & (RING - 1))])
    start, found = (floor << 5) + DRAM_COMMAND, NONE
    for k in range(q["n_need"][op] - 1, -1, -1):
        bank, act = q["need_bank"][op, k], q["need_opens"][op, k]
        when = max(start, time_at(std, st, ACT if act == 1 else PRE, bank)) >> 5
        when |= (std["slots_per_ck"] - 1) & act
        free = act == 0 or q["opening"] == NONE
        if free and when - floor == key >> AGE_BITS and max(q["need_id"][op, k] - first, 0) == age:
            found = q["line"][op, bank, NEED]
    return int(found)
