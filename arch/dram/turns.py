"""The turn of reads or writes, the best candidates at hand, and the column command that follows from them."""

from typing import Any

from bankside.arch.dram.admission import push_return
from bankside.arch.dram.picks import column_command, find_active, find_column, find_row
from bankside.arch.dram.queues import NEVER_SLOT, STALE
from bankside.arch.dram.serve import serve_column
from bankside.arch.jit import kernel

HIGH_TENTHS = 8
LOW_TENTHS = 2
"""Fill of the write queue, in tenths, above which writes are served and below which reads are again."""


@kernel
def turn(q: Any) -> None:
    """Choose between reads and writes."""
    reads, writes, depth = q["size"][0], q["size"][1], q["depth"][1]
    if q["writing"] == 0:
        change = writes * 10 > depth * HIGH_TENTHS or reads == 0
    else:
        change = writes * 10 < depth * LOW_TENTHS and reads != 0
    if change:
        q["writing"] = 1 - q["writing"]
        q["column_at"] = q["row_at"] = STALE


@kernel
def look_at_active(std: Any, st: Any, q: Any, slot: int, closing: bool) -> int:
    """Slot at which the first request with an opened row may have its column command."""
    if q["n_active"] == 0:
        return NEVER_SLOT
    if q["active_at"] == STALE or (q["active_at"] >> 5) < slot:
        find_active(std, st, q, closing, slot)
    return q["active_at"] >> 5


@kernel
def look_at_columns(std: Any, st: Any, q: Any, slot: int, closing: bool) -> int:
    """Slot at which the best row hit of the served queue may come."""
    if q["column_at"] == STALE or (q["column_at"] >> 5) < slot:
        find_column(std, st, q, column_command(q["writing"], closing), q["writing"], slot)
    return q["column_at"] >> 5


@kernel
def look_at_rows(std: Any, st: Any, q: Any, slot: int, keep_hits: bool) -> int:
    """Slot at which the best row command of the served queue may come."""
    if q["row_at"] == STALE or (q["row_at"] >> 5) < slot:
        find_row(std, st, q, q["writing"], slot, keep_hits)
    return q["row_at"] >> 5


@kernel
def column_out(
    std: Any, st: Any, q: Any, entry: int, slot: int, waiting: bool, closing: bool
) -> None:
    """Issue the column command of an entry and note when a read returns."""
    op = q["op"][entry]
    serve_column(std, st, q, column_command(op, closing), entry, slot, waiting)
    if op == 0:
        push_return(q, slot + std["read_latency"] + std["burst"])
