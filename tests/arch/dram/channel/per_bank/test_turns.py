"""Banks that are asked when one may answer give what banks give that are asked in every slot."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.arch.dram.channel.single_steps import COMPARED, interpreted
from tests.arch.dram.channel.test_controller_ticks import random_requests
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.controller import Controller, Outcome, run
from bankside.arch.dram.channel.first_ready.queues import NEVER_SLOT
from bankside.arch.dram.channel.per_bank import kind, per_bank, turns
from bankside.arch.dram.channel.policy import POLICIES
from bankside.arch.dram.channel.requests import Requests
from bankside.arch.dram.device.standard import Standard

DEVICES = ("ddr4-2400", "ddr5-4800", "hbm2", "hbm3", "lpddr5", "dramsim3-hbm2-8gb-x128")


def asked_in_every_slot(standard: Standard, stream: Requests, controller: Controller) -> tuple[Outcome, int]:
    """The outcome, and how often banks were asked."""
    asked, ask = 0, interpreted(turns.ask_banks)

    def counted(*arguments: Any) -> int:
        nonlocal asked
        asked += 1
        return int(ask(*arguments))

    with pytest.MonkeyPatch.context() as patch:
        for module in (turns, per_bank):
            patch.setattr(module, "row_bound", lambda q: 0 if q["n_row"] > 0 else NEVER_SLOT)
            patch.setattr(module, "column_bound", lambda q: 0 if q["n_column"] > 0 else NEVER_SLOT)
        patch.setattr(per_bank, "next_ask", lambda std, state, q, slot: slot)
        patch.setattr(per_bank, "reads_only", lambda std, q, slot: False)
        patch.setattr(per_bank, "ask_banks", counted)
        patch.setattr(per_bank, "step_banks", interpreted(per_bank.step_banks))
        for name in ("serve_per_bank", "serve_source"):
            patch.setattr(kind, name, interpreted(getattr(kind, name)))
        policy = POLICIES["per-bank"]
        advance = interpreted(policy.kind.advance)
        patch.setitem(POLICIES, "per-bank", replace(policy, kind=replace(policy.kind, advance=advance)))
        return run(standard, stream, controller, trace=True), asked


@COMPARED
@given(
    name=st.sampled_from(DEVICES),
    seed=st.integers(0, 10_000),
    rows=st.sampled_from((1, 2, 9)),
    writes=st.sampled_from((0.0, 0.33, 0.9)),
    gap=st.sampled_from((0, 3, 30)),
    depth=st.sampled_from((1, 5, 32)),
    hurried=st.booleans(),
)
def test_d_asking_when_it_may_be_worth_it_equals_asking_in_every_slot(
    name: str, seed: int, rows: int, writes: float, gap: int, depth: int, hurried: bool
) -> None:
    standard = compiled(name, ("timings.tREFI=1500",) if hurried else ())
    made = random_requests(standard, seed, 100, rows, writes, gap, 0)
    controller = Controller("per-bank", refresh_multiplier=1 + seed % 2, depth=depth)
    expected, asked = asked_in_every_slot(standard, made, controller)
    got = run(standard, made, controller, trace=True)
    assert asked >= got.counts["ACT"]
    assert got.trace.tolist() == expected.trace.tolist()
    assert got.causes_slot == expected.causes_slot
    assert (got.cycles, got.open_slots) == (expected.cycles, expected.open_slots)
