"""Devices by name with overrides, and one channel to drive: what the tests of the memory unit share."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from bankside.arch.causes import CAUSES, COMPUTE, N_CAUSE
from bankside.arch.dram.banks.bank import new_state
from bankside.arch.dram.channel.in_order.stream import READ, run_stream
from bankside.arch.dram.channel.pim.controller import AHEAD, FENCED, Controller
from bankside.arch.dram.channel.pim.program import Entries, PimProgram, words
from bankside.arch.dram.channel.pim.serve import run_program
from bankside.arch.dram.channel.pim.window import new_window
from bankside.arch.dram.device.address import compile_address
from bankside.arch.dram.device.commands import MAC
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
        pim = standard.spec.pim
        kind = FENCED if pim is not None and pim.enter else AHEAD  # accesses that switch modes are a host's
        self.window = new_window(standard.packed, Controller(kind, 64))
        self.trace = np.zeros((1 << 14, 5), np.int64)
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

    def program(self, entries: Entries, leave: bool = False, at: int = 0) -> int:
        before = int(self.state[0]["frontier"])
        charged = int(self.causes.sum())
        run_program(
            self.packed,
            self.state,
            self.window,
            np.zeros(0, np.int64),
            words(entries, leave),
            at,
            self.causes,
            self.events,
            self.trace,
        )
        end = int(self.state[0]["frontier"])
        assert int(self.causes.sum()) - charged == end - max(at, before), "causes do not sum to the interval"
        assert (self.causes >= 0).all()
        return end

    def columns(self, count: int, first: int = 0, gap: int = 0) -> int:
        """A program of columns, slice after slice and then the next row."""
        std = self.packed[0]
        program, columns, slices = PimProgram(), self.standard.columns, int(std["slices"])
        for u in range(first, first + count, columns):
            segment = u // columns
            bank = int(std["member"][segment % slices * std["slice_banks"]])
            here = range(min(columns, first + count - u))
            program.add(MAC, bank, segment // slices, here, gap=(gap << 5) + COMPUTE if gap else 0)
        return self.program(program.entries())

    def moves(self, command: int, count: int) -> int:
        """A program of register moves."""
        std = self.packed[0]
        last = int(std["member"][(std["slices"] - 1) * std["slice_banks"]])
        program = PimProgram()
        for _ in range(count // 8):
            program.add(command, last, int(std["register_row"]), range(8, 16))
        return self.program(program.entries())

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
