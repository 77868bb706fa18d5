"""A request trace through all channels of a device: each with its own queued controller, all from clock 0."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bankside.arch.dram.channel.controller import Controller, Outcome, run
from bankside.arch.dram.channel.source import WRITE
from bankside.arch.dram.device.peak import peak_bytes_per_s
from bankside.arch.dram.device.standard import Standard
from bankside.trace.trace import Trace
from bankside.unit.channel.channel_energy import core_energy_parts_j


@dataclass(frozen=True)
class Replay:
    """What a trace did on a device.

    Attributes
    ----------
    standard, trace, controller
        What was run.
    channels : dict of int to Outcome
        Channels that took requests; the others are idle and not simulated.
    """

    standard: Standard
    trace: Trace
    controller: Controller
    channels: dict[int, Outcome]

    @property
    def last(self) -> Outcome:
        """The channel that is done last."""
        return max(self.channels.values(), key=lambda outcome: outcome.cycles)

    @property
    def first_slot(self) -> int:
        """Command slot that is a first half of a clock, from which the commands' clocks are counted."""
        return 0 if self.controller.scheduler == "per-bank" else 1

    def data(self) -> dict[str, Any]:
        """All figures as plain data; units are in the names, cycles are clocks of the device."""
        standard, done = self.standard, list(self.channels.values())
        per_clock = int(standard.packed[0]["slots_per_ck"])
        clock_hz = 1e15 / (standard.slot_fs * per_clock)
        cycles = self.last.cycles
        time_s = cycles / clock_hz
        moved_byte = len(self.trace) * standard.burst_bytes
        peak = peak_bytes_per_s(standard, "vault") * standard.channels
        writes = int(np.count_nonzero(self.trace.op == WRITE))
        reads = len(self.trace) - writes
        latency = _mean_latency(self)
        return {
            "form": self.trace.form,
            "requests": len(self.trace),
            "reads": reads,
            "writes": writes,
            "scheduler": self.controller.scheduler,
            "page": self.controller.page,
            "refresh": self.controller.refresh,
            "clock_hz": clock_hz,
            "cycles": cycles,
            "time_s": time_s,
            "bytes": moved_byte,
            "bandwidth_Bps": moved_byte / time_s if time_s else 0.0,
            "peak_Bps": peak,
            "utilisation": moved_byte / time_s / peak if time_s else 0.0,
            "read_latency_cycles": latency,
            "read_latency_s": latency / clock_hz,
            "commands": {name: n for name in done[0].counts if (n := sum(one.counts[name] for one in done))},
            "cycle_stack": {name: slots / per_clock for name, slots in self.last.causes_slot.items()},
            "forwarded": sum(one.forwarded for one in done),
            "merged": sum(one.merged for one in done),
            "coalesced": sum(one.coalesced for one in done),
            "undrained": sum(one.undrained for one in done),
            "energy_j": self.energy_parts_j(),
            "channels": {
                str(channel): {
                    "requests": int(np.count_nonzero(self.trace.channel == channel)),
                    "cycles": one.cycles,
                }
                for channel, one in self.channels.items()
            },
        }

    def energy_parts_j(self) -> dict[str, float] | None:
        """Energy [J] of the core of the channels in use, each until it is done, by part; None where none is stated."""
        if self.standard.spec.energy is None:
            return None
        parts = [core_energy_parts_j(self.standard, one) for one in self.channels.values()]
        return {name: float(sum(part[name] for part in parts)) for name in parts[0]}


def _mean_latency(replayed: Replay) -> float:
    """Mean clocks of the reads of all channels, from acceptance to the return of the data."""
    total = reads = 0.0
    for channel, outcome in replayed.channels.items():
        mine = replayed.trace.op[replayed.trace.channel == channel]
        count = len(mine) - int(np.count_nonzero(mine == WRITE))
        total += outcome.read_latency_cycle * count
        reads += count
    return total / max(reads, 1.0)


def replay(
    standard: Standard,
    trace: Trace,
    controller: Controller,
    max_outstanding: int = 0,
    commands: bool = False,
    done: Callable[[object], None] = lambda channel: None,
) -> Replay:
    """Run a trace, channel by channel.

    A channel takes its requests in the order of the trace, at most one a clock and none before its time; a
    full queue of one channel does not hold the others back. `max_outstanding` holds for each channel;
    `commands` keeps what was issued.
    """
    outcomes = {}
    for channel in np.unique(trace.channel).tolist():
        requests = trace.requests(standard, channel, max_outstanding)
        outcome = run(standard, requests, controller, trace=commands)
        outcomes[channel] = outcome if commands else replace(outcome, trace=outcome.trace[:0])
        done(channel)
    return Replay(standard, trace, controller, outcomes)
