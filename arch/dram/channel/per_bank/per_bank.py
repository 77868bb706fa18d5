"""Per-bank scheduling as DRAMsim3 does it, from event to event instead of clock by clock.

Requests wait in a read queue and a write buffer; in every slot one of them moves to the command queue of its bank.
The banks take turns: the first one asked that has a command which may be issued now issues it, within a bank the
oldest such command. A row is closed for the oldest command of its bank only, when no queued command uses it or
four have. Buffered writes move when the buffer is full, or when more than eight wait and no bank has work, and all
of them before reads do again, unless one has to wait for a read of its burst. On a bus for rows and one for columns
a second bank may issue a command of the other kind in the same slot. A refresh that is due stops the banks.

Three things differ from DRAMsim3. A write whose read waits behind it lets that read pass when nothing else can move
(DRAMsim3 then hangs), at the end of the stream the last few writes are drained, and a row that a refresh has closed
before its first column command waits for that command when it is opened for the same request again.
"""

from typing import Any

from bankside.arch.dram.channel.first_ready.admission import next_return, take_returns
from bankside.arch.dram.channel.first_ready.due import become_due
from bankside.arch.dram.channel.first_ready.idle import skip_rounds
from bankside.arch.dram.channel.first_ready.queues import NEVER_SLOT, TRACE_ROWS
from bankside.arch.dram.channel.per_bank.hits import reads_only, run_of_reads
from bankside.arch.dram.channel.per_bank.queues import nothing_wanted
from bankside.arch.dram.channel.per_bank.serve import issue_column, issue_row, move_transaction, refresh_turn
from bankside.arch.dram.channel.per_bank.transactions import offer_slot, take_request
from bankside.arch.dram.channel.per_bank.turns import (
    NOTHING,
    ROW_COMMAND,
    ask_again,
    ask_banks,
    bus_is_free,
    column_bound,
    next_ask,
    row_bound,
)
from bankside.arch.dram.channel.sources import load, wait_for
from bankside.arch.jit import flat_kernel


@flat_kernel
def issue_for(std: Any, st: Any, q: Any, found: int, slot: int) -> None:
    """Issue what the bank whose turn it is has answered."""
    if found == ROW_COMMAND:
        issue_row(std, st, q, q["turn"], slot)
    else:
        issue_column(std, st, q, q["turn"], found, slot)


@flat_kernel
def step_banks(std: Any, st: Any, q: Any, slot: int) -> None:
    """Issue what may be issued in a slot: one command, or one of each kind where each has its bus.

    The second command is asked for whatever its bus: the turn passes on even where it then cannot be issued.
    """
    found = ask_banks(
        std, st, q, slot, bus_is_free(st, 0, slot), bus_is_free(st, 1 - std["single_bus"], slot)
    )
    if found == NOTHING:
        return
    issue_for(std, st, q, found, slot)
    if std["single_bus"] != 0 or min(column_bound(q), row_bound(q)) > slot:
        return
    found = ask_banks(std, st, q, slot, True, True)
    if found == NOTHING:
        return
    if bus_is_free(st, 0 if found == ROW_COMMAND else 1, slot):
        issue_for(std, st, q, found, slot)
    else:
        ask_again(q, found, slot)


@flat_kernel
def serve_per_bank(std: Any, address: Any, st: Any, q: Any, work: Any, mine: int, until: int) -> bool:
    """Serve sources until `mine` is done, slot `until` comes, the trace is full, which is then taken away, or the next
    requests of an array are in words that have not come.

    Parameters
    ----------
    std, st, q : numpy.void
        STANDARD, STATE and BANKED of the channel.
    address : numpy.ndarray
        ADDRESS of the channel, shape (1,).
    work : int64 array
        The words of source `mine`; with NOBODY, which has none, time passes to `until`.

    Returns
    -------
    bool
        Whether the source is done; for a request array, with all of its data moved.
    """
    alone = wait_for(q, mine)
    slot, offer = q["slot"], q["offer"]
    ask = slot
    done = True
    while q["done"] == 0 or (alone and slot <= max(q["last_read"], q["last_write"])):
        if slot >= min(until, NEVER_SLOT) or q["traced"] > TRACE_ROWS - 4 or q["short"] != 0:
            done = slot >= NEVER_SLOT
            break
        if slot == offer:
            take_request(q, slot)
            if q["next_id"] == q["loaded"] and q["unloaded"] > 0:
                load(std, address, q, work)
        take_returns(q, slot)
        if st["refresh_due"] <= slot:
            if nothing_wanted(q) and q["refreshes"] == 0:
                slot += skip_rounds(std, st, q, slot, min(offer, until))
            become_due(std, st, q)
        if reads_only(std, q, slot):
            after, offer = run_of_reads(std, st, q, slot, offer, min(st["refresh_due"], until))
            if after > slot:
                slot = ask = after
                continue
        following = NEVER_SLOT
        if q["refreshes"] > 0:
            following = refresh_turn(std, st, q, slot)
        elif ask <= slot:
            step_banks(std, st, q, slot)
        moving = move_transaction(std, st, q, slot, q["next_id"] == q["loaded"] and q["unloaded"] == 0)
        if q["refreshes"] == 0:
            following = ask = next_ask(std, st, q, slot + 1)
        offer = offer_slot(std, q, slot + 1)
        slot = min(min(min(following, moving), offer), min(st["refresh_due"], next_return(q)))
    q["slot"], q["offer"] = slot, offer
    return done
