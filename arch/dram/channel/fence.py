"""PIM streams between the sources of a queued controller: all that is queued ends, then the banks compute, in order.

The queues are empty meanwhile, so that what they keep of the banks is made good once, at the end.
"""

from typing import Any

from bankside.arch.causes import DRAM_COMMAND, N_CAUSE
from bankside.arch.dram.banks.refresh import NONE, OFF, idle_until, refresh_now
from bankside.arch.dram.banks.state import CLOSED
from bankside.arch.dram.channel.charge import charge_idle
from bankside.arch.dram.channel.first_ready.queues import NEVER_SLOT
from bankside.arch.dram.channel.first_ready.serve import fold_windows
from bankside.arch.dram.channel.in_order.pim import switch_mode
from bankside.arch.dram.channel.in_order.stream import run_pim
from bankside.arch.dram.channel.source import COUNT, FIRST, GAP, STRIDE
from bankside.arch.jit import kernel


@kernel
def compute(packed: Any, state: Any, q: Any, work: Any, arrival: int, events: Any) -> int:
    """Serve a PIM stream, with nothing queued; returns the slot of its end. The channel's causes grow up to there."""
    st = state[0]
    begin = max(max(arrival, q["accounted"]), max(q["busy_until"], q["last_read"]))
    charge_idle(q, begin)
    idle_until(packed, state, begin, events)
    if st["closing"] >= 0:
        refresh_now(packed, state, NONE, events)
    end = begin
    if work[COUNT] > 0:
        end = run_pim(
            packed, state, work[0], work[FIRST], work[STRIDE], work[COUNT], work[GAP], begin, begin, q["causes"], events
        )  # fmt: skip
    _go_on_from(packed[0], st, q, end)
    return int(end)


@kernel
def charged_since(q: Any, before: Any, length: int, causes: Any) -> None:
    """Fill causes of an operation of `length` slots: what the channel was charged since `before`, int64[N_CAUSE].

    What it was charged beforehand, for one that was served ahead of its time, is waiting for a turn.
    """
    charged = 0
    for c in range(N_CAUSE):
        causes[c] = q["causes"][c] - before[c]
        charged += causes[c]
    causes[DRAM_COMMAND] += length - charged


@kernel
def _go_on_from(std: Any, st: Any, q: Any, end: int) -> None:
    """Let the queues know at which slot the banks have ended, and which rows they have left open."""
    opened = 0
    for bank in range(std["banks"]):
        opened += st["row"][bank] != CLOSED
        fold_windows(std, st, bank)
    if q["open_banks"] == 0 and opened > 0:
        q["open_since"] = end
    elif q["open_banks"] > 0 and opened == 0:
        q["open_slots"] += end - q["open_since"]
    q["open_banks"] = opened
    q["accounted"] = q["busy_until"] = end
    q["slot"] = end if std["refresh_mode"] != OFF else NEVER_SLOT
    q["offer"] = NEVER_SLOT


@kernel
def leave_mode(packed: Any, state: Any, q: Any, arrival: int, events: Any) -> int:
    """End the PIM mode that excludes ordinary requests, for one that has entered; returns the slot from which on it
    may be offered."""
    begin = max(arrival, q["accounted"])
    end = switch_mode(packed, state, False, begin, begin, q["causes"], events)
    if end > begin:
        q["open_banks"] = 0
        q["accounted"] = max(q["accounted"], end)
    return max(arrival, end)
