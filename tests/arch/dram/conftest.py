"""Devices by name with overrides, and one channel to drive: what the tests of the memory unit share."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from bankside.arch.causes import CAUSES, N_CAUSE
from bankside.arch.dram.banks.bank import new_state
from bankside.arch.dram.channel.in_order.stream import READ, run_stream
from bankside.arch.dram.device.address import compile_address
from bankside.arch.dram.device.standard import DeviceSpec, Standard, compile_standard
from bankside.arch.events import EVENTS, N_EVENT
from bankside.arch.spec import load

OUTER = ("channel", "pseudo_channel", "rank")
INTERLEAVED = (*OUTER, "row", "bank", "column", "bank_group")


@cache
def compiled(name: str, overrides: tuple[str, ...] = (), scope: str | None = None) -> Standard:
    return compile_standard(load(name, "devices", DeviceSpec, overrides).spec, scope)


class Channel:
    """One channel with its counters; `read` and friends run a stream and return the slots it took."""

    def __init__(self, standard: Standard, order: Sequence[str] = INTERLEAVED, hot: int = 1) -> None:
        self.standard = standard
        self.packed = standard.packed
        self.address = compile_address(standard, order)
        self.state = new_state(standard.packed, hot)
        self.causes = np.zeros(N_CAUSE, np.int64)
        self.events = np.zeros(N_EVENT, np.int64)

    def run(
        self, count: int, kind: int = READ, first: int = 0, stride: int = 1, gap: int = 0, at: int = 0
    ) -> int:
        before = int(self.state[0]["frontier"])
        charged = int(self.causes.sum())
        end = run_stream(
            self.packed,
            self.address,
            self.state,
            kind,
            first,
            stride,
            count,
            gap,
            at,
            self.causes,
            self.events,
        )
        assert int(self.causes.sum()) - charged == end - max(at, before), "causes do not sum to the interval"
        assert (self.causes >= 0).all()
        return int(end)

    def cause(self, name: str) -> int:
        return int(self.causes[CAUSES.index(name)])

    def event(self, name: str) -> int:
        return int(self.events[[event.name for event in EVENTS].index(name)])


@pytest.fixture
def device() -> Callable[..., Standard]:
    def build(name: str, *overrides: str, scope: str | None = None) -> Standard:
        return compiled(name, overrides, scope)

    return build


@pytest.fixture
def channel() -> Callable[..., Channel]:
    def build(
        name: str,
        *overrides: str,
        order: Sequence[str] = INTERLEAVED,
        scope: str | None = None,
        hot: int = 1,
        **ignored: Any,
    ) -> Channel:
        return Channel(compiled(name, overrides, scope), order, hot)

    return build
