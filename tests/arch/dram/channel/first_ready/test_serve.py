"""A command that holds the only command bus for several slots: what is kept of the best candidates is what a new search
finds, by slot, request and cause."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.arch.dram.channel.single_steps import COMPARED, interpreted
from tests.arch.dram.channel.test_controller_ticks import random_requests
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.controller import Controller, Outcome, run
from bankside.arch.dram.channel.first_ready import frfcfs, hits, serve, steps, turns, two_part
from bankside.arch.dram.channel.first_ready import kind as first_kind
from bankside.arch.dram.channel.policy import POLICIES
from bankside.arch.dram.channel.requests import Requests
from bankside.arch.dram.device.standard import Standard

DEVICES = ("ddr5-4800", "ramulator2-ddr5-16gb-x8-4800bn", "lpddr5", "dramsim3-lpddr4-8gb-x16-2400")


def searched_anew(standard: Standard, stream: Requests, controller: Controller) -> tuple[Outcome, int]:
    """The outcome where every such command spoils all that was found before, and how many there were."""
    spoilt = 0

    def spoil(std: Any, state: Any, q: Any, command: int) -> None:
        nonlocal spoilt
        if std["single_bus"] != 0 and std["occupancy"][command] > 1:
            spoilt += 1
            serve.spoil(q)

    with pytest.MonkeyPatch.context() as patch:
        for module in (serve, hits):
            patch.setattr(module, "spoil_by_bus", spoil)
        for module, names in (
            (first_kind, ("serve_first_ready", "serve_source")),
            (frfcfs, ("run_of_hits", "step_single", "step_two_part")),
            (steps, ("column_out", "serve_row")),
            (two_part, ("clocked_column", "column_out", "serve_row")),
            (turns, ("serve_column",)),
        ):
            for name in names:
                patch.setattr(module, name, interpreted(getattr(module, name)))
        policy = POLICIES[controller.scheduler]
        advance = interpreted(policy.kind.advance)
        patch.setitem(
            POLICIES, controller.scheduler, replace(policy, kind=replace(policy.kind, advance=advance))
        )
        return run(standard, stream, controller, trace=True), spoilt


@COMPARED
@given(
    name=st.sampled_from(DEVICES),
    scheduler=st.sampled_from(("frfcfs", "frfcfs-rowhit")),
    seed=st.integers(0, 10_000),
    rows=st.sampled_from((1, 2, 9)),
    writes=st.sampled_from((0.0, 0.33, 0.5)),
    gap=st.sampled_from((0, 3, 30)),
    depth=st.sampled_from((1, 2, 32)),
)
def test_d_what_is_kept_equals_what_is_searched_anew(
    name: str, scheduler: str, seed: int, rows: int, writes: float, gap: int, depth: int
) -> None:
    compare_searches(name, scheduler, (seed, 120, rows, writes, gap, 0), depth)


def compare_searches(
    name: str, scheduler: str, stream: tuple[int, int, int, float, int, int], depth: int
) -> int:
    standard, controller = compiled(name), Controller(scheduler, depth=depth)
    made = random_requests(standard, *stream)
    expected, spoilt = searched_anew(standard, made, controller)
    got = run(standard, made, controller, trace=True)
    assert got.trace.tolist() == expected.trace.tolist()
    assert got.causes_slot == expected.causes_slot
    return spoilt


def test_such_commands_come() -> None:
    assert compare_searches("ddr5-4800", "frfcfs", (1, 300, 9, 0.33, 0, 0), 32) > 300


@pytest.mark.parametrize(("seed", "writes", "depth"), [(1, 0.33, 1), (9, 0.5, 2), (14, 0.5, 2), (33, 0.5, 1)])
def test_what_is_kept_has_the_cause_that_it_has_in_its_own_slot(seed: int, writes: float, depth: int) -> None:
    """The bus, or the end of a wait, and a rule let a command come in one slot: which counts depends on who asks."""
    compare_searches("ddr5-4800", "frfcfs", (seed, 120, 2, writes, 0, 0), depth)
