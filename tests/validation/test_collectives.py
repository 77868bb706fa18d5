"""Values of claims about collectives are those of the unit and of the machines' links."""

import pytest

from bankside.unit.collective import run_case
from bankside.validation import collectives
from bankside.validation.check import check
from bankside.validation.claims import ClaimSpec, claims_of

CLAIMS = claims_of(["collective"])
ALONE = ("_ns", "_us", "_gbyte_per_s", "_gain")
"""What the functions end with that run no model."""


def test_bus_bandwidth_is_what_a_ring_moves() -> None:
    algorithm = collectives.algorithm_gbyte_per_s(4, 1 << 30, "ring")
    assert collectives.bus_gbyte_per_s(4, 1 << 30, "ring") == pytest.approx(1.5 * algorithm)
    assert collectives.switch_gain(2, 1 << 30) == 1.0


def test_rows_are_the_unit_s() -> None:
    case = {"system": "a100", "op": "nccl_all_reduce", "gpus": 8, "bytes": 2048}
    assert collectives.measured_us("a100", "nccl_all_reduce", 8, 2048) == run_case(case)["latency_us"]


def test_legs_and_memory_make_a_load() -> None:
    assert collectives.peer_load_ns() == pytest.approx(4 * 85 + collectives.local_load_ns())
    assert collectives.switch_load_ns(2) == collectives.switch_load_ns(8)
    assert collectives.one_shot_switch_ns(128) > collectives.switch_load_ns(8)


def test_a_step_alone_takes_the_host_as_it_was_measured() -> None:
    assert collectives.tokens_per_s("xpu-h100", "qwen3-8b", 1, 64, 138.1, 8.3) == pytest.approx(138.1)


@pytest.mark.parametrize(
    "claim", [c for c in CLAIMS if c.call.function.endswith(ALONE)], ids=lambda claim: claim.id
)
def test_no_gated_claim_on_a_collective_alone_fails(claim: ClaimSpec) -> None:
    verdict = check(claim)
    assert not verdict.fault
    assert not verdict.fails, (verdict.ours, claim.value)
