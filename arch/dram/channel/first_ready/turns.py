"""The turn of reads or writes, the best candidates at hand, and the column command that follows from them."""

from typing import Any

from bankside.arch.dram.channel.first_ready.admission import push_return
from bankside.arch.dram.channel.first_ready.picks import find_active, find_column, find_row
from bankside.arch.dram.channel.first_ready.queues import NEVER_SLOT, OP, STALE
from bankside.arch.dram.channel.first_ready.serve import serve_column
from bankside.arch.jit import flat_kernel

HIGH_TENTHS = 8
LOW_TENTHS = 2
"""Fill of the write queue, in tenths, above which writes are served and below which reads are again."""


@flat_kernel
def turns(q: Any) -> bool:
    """Whether the turn passes from reads to writes or back."""
    reads, writes, depth = q["size"][0], q["size"][1], q["depth"][1]
    if q["writing"] == 0:
        return bool(writes * 10 > depth * HIGH_TENTHS or reads == 0)
    return bool(writes * 10 < depth * LOW_TENTHS and reads != 0)


@flat_kernel
def turn(q: Any) -> None:
    """Choose between reads and writes."""
    if turns(q):
        q["writing"] = 1 - q["writing"]
        q["column_at"] = q["row_at"] = STALE


@flat_kernel
def look_at_active(std: Any, st: Any, q: Any, slot: int) -> int:
    """Slot at which the first request with an opened row may have its column command."""
    if q["n_active"] == 0:
        return NEVER_SLOT
    if q["active_at"] >> 5 < slot + q["active_kept"]:
        find_active(std, st, q, slot)
    q["active_kept"] = 0
    return int(q["active_at"] >> 5)


@flat_kernel
def look_at_columns(std: Any, st: Any, q: Any, slot: int) -> int:
    """Slot at which the best row hit of the served queue may come."""
    if q["column_at"] >> 5 < slot + q["column_kept"]:
        find_column(std, st, q, slot)
    q["column_kept"] = 0
    return int(q["column_at"] >> 5)


@flat_kernel
def look_at_rows(std: Any, st: Any, q: Any, slot: int) -> int:
    """Slot at which the best row command of the served queue may come."""
    if q["row_at"] >> 5 < slot + q["row_kept"]:
        find_row(std, st, q, slot)
    q["row_kept"] = 0
    return int(q["row_at"] >> 5)


@flat_kernel
def column_out(std: Any, st: Any, q: Any, entry: int, when: int) -> None:
    """Issue the column command of an entry at a packed time and note when a read returns."""
    op = q["entry"][entry, OP]
    serve_column(std, st, q, entry, when)
    if op == 0:
        push_return(q, (when >> 5) + std["read_latency"] + std["burst"])
