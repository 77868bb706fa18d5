"""Queued controllers: a device, a scheduler and a stream of requests give cycles, commands, causes and energy."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import CAUSES, N_CAUSE
from bankside.arch.dram.banks.state import STATE
from bankside.arch.dram.channel.first_ready.queues import NEVER_SLOT
from bankside.arch.dram.channel.params import STATE_WORDS, channel_params
from bankside.arch.dram.channel.per_bank.queues import MAX_TRANSACTION
from bankside.arch.dram.channel.policy import FRFCFS, PER_BANK_POLICY, POLICIES, ROW_HIT
from bankside.arch.dram.channel.request_check import check_refreshes_written, check_requests
from bankside.arch.dram.channel.requests import Geometry, Requests
from bankside.arch.dram.channel.source import BEFORE, KNOWN
from bankside.arch.dram.device.commands import COMMANDS
from bankside.arch.dram.device.standard import Standard
from bankside.arch.engine.kinds import FAILED
from bankside.arch.events import N_EVENT
from bankside.arch.spec import ConfigError

SCHEDULERS: Final = tuple(policy.name for policy in (FRFCFS, ROW_HIT, PER_BANK_POLICY))
PAGES: Final = ("open", "closed")
MAX_DEPTH: Final = MAX_TRANSACTION
FAR: Final = 1 << 62
"""A slot that no run reaches."""


@dataclass(frozen=True)
class Controller:
    """How a channel is scheduled.

    Attributes
    ----------
    scheduler : str
        `frfcfs` (the oldest command that may be issued), `frfcfs-rowhit` (no row is closed past an older hit) or
        `per-bank` (a command queue for each bank, banks in turn).
    page : str
        `open` keeps rows open, `closed` closes them with the column command; `per-bank` then has one queue for
        reads and writes.
    refresh : bool
        Whether refreshes come due.
    refresh_multiplier : int
        2 for a hot device: refreshes come twice as often.
    depth : int
        Entries of the read and of the write queue.
    """

    scheduler: str = "frfcfs"
    page: str = "open"
    refresh: bool = True
    refresh_multiplier: int = 1
    depth: int = 32

    def __post_init__(self) -> None:
        errors = []
        if self.scheduler not in SCHEDULERS:
            errors.append(f"scheduler must be one of {', '.join(SCHEDULERS)}, not '{self.scheduler}'.")
        if self.page not in PAGES:
            errors.append(f"page must be one of {', '.join(PAGES)}, not '{self.page}'.")
        if not 1 <= self.depth <= MAX_DEPTH:
            errors.append(f"depth must be between 1 and {MAX_DEPTH}, not {self.depth}.")
        if self.refresh_multiplier < 1:
            errors.append(f"refresh_multiplier must be at least 1, not {self.refresh_multiplier}.")
        if errors:
            raise ConfigError(errors)


@dataclass(frozen=True)
class Outcome:
    """What a run of one channel gave.

    Attributes
    ----------
    cycles : float
        Clocks from the first offer to the end of the last read's data, or the last write if that is later: its
        command under `frfcfs`, its data under `per-bank`. Half clocks count where commands are issued on them.
    slots : int
        Length of the run in command slots, which the causes sum to.
    counts : dict[str, int]
        Commands issued, by name.
    read_latency_cycle : float
        Mean clocks from acceptance by the controller to the return of the data.
    causes_slot : dict[str, int]
        Slots by cause.
    forwarded, merged, coalesced : int
        Reads served by a waiting write or with a waiting read, writes absorbed by a waiting write.
    undrained : int
        Requests that were never served.
    open_slots : int
        Slots during which any row was open.
    trace : array, shape (n, 5), int64
        Commands in order: slot, command, bank of the channel, row, column (-1 where a command has none).
    """

    cycles: float
    slots: int
    counts: dict[str, int]
    read_latency_cycle: float
    causes_slot: dict[str, int]
    forwarded: int
    merged: int
    coalesced: int
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


def run(standard: Standard, requests: Requests, controller: Controller, trace: bool = False) -> Outcome:
    """Run a stream of requests through one channel.

    Raises
    ------
    ConfigError
        If a request lies outside the device, more reads may be outstanding than can be tracked, pages are to be
        closed by column commands that the device does not have, or the trace would be too long to keep.
    """
    channel = Channel(standard, controller, trace)
    channel.serve(requests)
    return channel.outcome()


NOTHING: Final = np.zeros(0, np.int64)
"""Memory of what is served once."""


class Channel:
    """One channel under a controller, which is handed its requests in pieces; `trace`: whether commands are kept.

    Raises
    ------
    ConfigError
        If pages are to be closed by column commands that the device does not have.
    """

    def __init__(self, standard: Standard, controller: Controller, trace: bool = False) -> None:
        self._standard, self._controller, self._tracing = standard, controller, trace
        policy, closing = POLICIES[controller.scheduler], controller.page == "closed"
        if closing and (fault := policy.closing_fault(standard.spec)):
            raise ConfigError([f"page: {fault}"])
        self._policy, self._params = policy, channel_params(standard.packed)
        self._state = policy.start(standard.packed, controller.depth, controller.refresh_multiplier, closing)
        if not controller.refresh:
            self._state[:STATE_WORDS].view(STATE)[0]["refresh_due"] = NEVER_SLOT
        self._q = policy.read(self._state)
        self._q["tracing"] = trace
        self._causes, self._events = np.zeros(N_CAUSE + 1, np.int64), np.zeros(N_EVENT, np.int64)
        self._lines: list[npt.NDArray[np.int64]] = []
        self.requests = self.writes = 0

    def serve(self, requests: Requests, following: int = 0) -> None:
        """Serve the next piece, all of it where none are `following`; else so many are in the next piece, and what they
        may change waits for them.

        Raises
        ------
        ConfigError
            If a request lies outside the device, more reads may be outstanding than can be tracked, or the trace would
            be too long to keep.
        """
        check_requests(self._standard, requests)
        if self._tracing and self._controller.refresh:
            check_refreshes_written(self._standard, requests, self._controller.refresh_multiplier)
        words, kind, q = requests.words, self._policy.kind, self._q
        words[KNOWN], words[BEFORE] = self.requests + len(requests) + following, self.requests
        self.requests += len(requests)
        self.writes += int(np.sum(requests.op))  # WRITE is 1, the only other operation 0
        while True:
            end = kind.advance(self._params, self._state, NOTHING, words, 0, FAR, self._causes, self._events)
            if end <= FAILED:
                raise ConfigError([f"requests: {kind.failures[FAILED - end]}"])
            self._lines.append(q["trace"][: int(q["traced"])].copy())
            q["traced"] = 0
            if end >= 0 or (following and q["short"]):
                return

    def outcome(self) -> Outcome:
        """The counters, once all is served."""
        q, per_clock = self._q, int(self._standard.packed[0]["slots_per_ck"])
        before = 0 if self._policy.name == PER_BANK_POLICY.name else 1  # slots before the first offer
        end = max(int(q["last_read"]), int(q["last_write"]))
        open_slots = int(q["open_slots"]) + (max(0, end - int(q["open_since"])) if q["open_banks"] else 0)
        return Outcome(
            cycles=max(0, end - before) / per_clock,
            slots=int(q["accounted"]),
            counts={name: int(q["counts"][index]) for index, name in enumerate(COMMANDS)},
            read_latency_cycle=int(q["latency"]) / max(self.requests - self.writes, 1) / per_clock,
            causes_slot={name: int(slots) for name, slots in zip(CAUSES, q["causes"], strict=True) if slots},
            forwarded=int(q["forwarded"]),
            merged=int(q["merged"]),
            coalesced=int(q["coalesced"]),
            undrained=self.requests - int(q["served"]),
            open_slots=open_slots,
            trace=np.concatenate(self._lines),
        )
