"""A request trace through all channels of a device: each with its own queued controller, all from clock 0."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bankside.arch.dram.channel.controller import Channel, Controller, Outcome
from bankside.arch.dram.channel.requests import Requests
from bankside.arch.dram.device.peak import peak_bytes_per_s
from bankside.arch.dram.device.standard import Standard
from bankside.trace.trace import Trace
from bankside.unit.channel.channel_energy import core_energy_parts_j


@dataclass(frozen=True)
class Replay:
    """What a trace did on a device.

    Attributes
    ----------
    standard, controller
        What was run.
    form : str
        Name of the trace's grammar.
    channels : dict of int to Outcome
        Channels that took requests; the others are idle and not simulated.
    requests, writes : dict of int to int
        How many requests each of them took, and how many of these were writes.
    """

    standard: Standard
    controller: Controller
    form: str
    channels: dict[int, Outcome]
    requests: dict[int, int]
    writes: dict[int, int]

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
        requests, writes = sum(self.requests.values()), sum(self.writes.values())
        moved_byte = requests * standard.burst_bytes
        peak = peak_bytes_per_s(standard, "vault") * standard.channels
        latency = _mean_latency(self)
        return {
            "form": self.form,
            "requests": requests,
            "reads": requests - writes,
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
                str(channel): {"requests": self.requests[channel], "cycles": one.cycles}
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
        count = replayed.requests[channel] - replayed.writes[channel]
        total += outcome.read_latency_cycle * count
        reads += count
    return total / max(reads, 1.0)


def replay(
    standard: Standard,
    trace: Iterable[Trace],
    controller: Controller,
    max_outstanding: int = 0,
    commands: bool = False,
    done: Callable[[object], None] = lambda piece: None,
) -> Replay:
    """Run the pieces of a trace, each channel's own part of them; `done` hears of each piece.

    A channel takes its requests in the order of the trace, at most one a clock and none before its time; a
    full queue of one channel does not hold the others back. `max_outstanding` holds for each channel;
    `commands` keeps what was issued.
    """
    channels: dict[int, Channel] = {}
    held: dict[int, Requests] = {}  # a piece is served once it is known how many requests follow
    form = ""
    for piece in trace:
        form = piece.form
        for number in np.unique(piece.channel).tolist():
            own = piece.requests(standard, number, max_outstanding)
            if number in held:
                channels[number].serve(held[number], len(own))
            else:
                channels[number] = Channel(standard, controller, commands)
            held[number] = own
        done(piece)
    for number, last in held.items():
        channels[number].serve(last)
    order = sorted(channels)
    return Replay(
        standard,
        controller,
        form,
        {number: channels[number].outcome() for number in order},
        {number: channels[number].requests for number in order},
        {number: channels[number].writes for number in order},
    )
