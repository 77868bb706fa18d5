"""Queued controllers: a stream of requests, a device and a scheduler give cycles, commands and causes."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import CAUSES
from bankside.arch.dram.bank import new_state
from bankside.arch.dram.commands import COMMANDS
from bankside.arch.dram.banked import new_banked
from bankside.arch.dram.frfcfs import run_frfcfs
from bankside.arch.dram.per_bank import run_per_bank
from bankside.arch.dram.patterns import Geometry, Requests
from bankside.arch.dram.queues import NEVER_SLOT, new_queue
from bankside.arch.dram.standard import Standard

SCHEDULERS: Final = ("frfcfs", "frfcfs-rowhit", "per-bank")


@dataclass(frozen=True)
class Outcome:
    """What a run of one channel gave.

    Attributes
    ----------
    cycles : float
        Clocks from the first offer to the last data of a read or the issue of the last write.
    counts : dict[str, int]
        Commands issued.
    read_latency_cycle : float
        Mean clocks from acceptance by the controller to the return of the data.
    causes_slot : dict[str, int]
        Slots of the run by cause; they sum to its length.
    undrained : int
        Requests never served.
    """

    cycles: float
    counts: dict[str, int]
    read_latency_cycle: float
    causes_slot: dict[str, int]
    undrained: int
    open_slots: int
    trace: npt.NDArray[np.int64]


def geometry(standard: Standard) -> Geometry:
    """What request formulas need of a device; ranks (stack ids) other than the first are not used."""
    return Geometry(
        bank_groups=standard.bank_groups,
        banks_per_group=standard.banks_per_group,
        columns=standard.columns,
        rows=standard.rows,
        pseudo_channels=standard.pseudo_channels,
        tx_bytes=standard.burst_bytes,
    )


def run(
    standard: Standard,
    requests: Requests,
    scheduler: str = "frfcfs",
    refresh: bool = True,
    page: str = "open",
    depth: int = 32,
    trace: bool = False,
) -> Outcome:
    """Run a stream of requests through one channel."""
    state = new_state(standard.packed)
    per_bank, closing = scheduler == "per-bank", page == "closed"
    if per_bank:
        queue = new_banked(depth, unified=closing, closing=closing)
    else:
        queue = new_queue(depth, scheduler == "frfcfs-rowhit", closing)
    if not refresh:
        state[0]["refresh_due"] = NEVER_SLOT
    queue[0]["tracing"] = trace
    lines: list[npt.NDArray[np.int64]] = []
    queue[0]["limit"] = requests.max_outstanding
    r = requests
    columns = (r.op, r.pc, r.bank_group, r.bank, r.row, r.column, r.at_cycle)
    done = False
    while not done:
        run_on = run_per_bank if per_bank else run_frfcfs
        done = run_on(standard.packed, state, queue, *columns)
        lines.append(queue[0]["trace"][: int(queue[0]["traced"])].copy())
        queue[0]["traced"] = 0
    q = queue[0]
    per = int(standard.packed[0]["slots_per_ck"])
    reads = int(np.sum(requests.op == 0))
    return Outcome(
        cycles=(max(int(q["last_read"]), int(q["last_write"])) - (0 if per_bank else 1)) / per,
        counts={name: int(q["counts"][i]) for i, name in enumerate(COMMANDS)},
        read_latency_cycle=int(q["latency"]) / max(reads, 1) / per,
        causes_slot={name: int(v) for name, v in zip(CAUSES, q["causes"], strict=True) if v},
        undrained=len(requests) - int(q["served"]),
        open_slots=int(q["open_slots"]),
        trace=np.concatenate(lines),
    )
