"""Claims about networks and collectives hold."""

import pytest

from bankside.unit.collective import run_case
from bankside.validation import noc
from bankside.validation.check import check
from bankside.validation.claims import ClaimSpec, claims_of

CLAIMS = claims_of(["noc"])
COLLECTIVES = claims_of(["collective"])
ALONE = ("_ns", "_us", "_gbyte_per_s", "_gain")
"""What the functions end with that run no model."""


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_no_gated_claim_fails(claim):
    verdict = check(claim)
    assert not verdict.fault
    assert not verdict.fails, (verdict.ours, claim.value)


def test_there_are_enough_of_them():
    assert len([claim for claim in CLAIMS if claim.gated]) >= 10


def test_mean_links_count_a_node_s_way_to_itself() -> None:
    assert noc.mean_links("full", 4) == 12 / 16
    assert noc.mean_links("mesh", 16) == 2 * 15 / 12


def test_bus_bandwidth_is_what_a_ring_moves() -> None:
    algorithm = noc.algorithm_gbyte_per_s(4, 1 << 30, "ring")
    assert noc.bus_gbyte_per_s(4, 1 << 30, "ring") == pytest.approx(1.5 * algorithm)
    assert noc.switch_gain(2, 1 << 30) == 1.0


def test_rows_are_the_unit_s() -> None:
    case = {"system": "a100", "op": "nccl_all_reduce", "gpus": 8, "bytes": 2048}
    assert noc.measured_us("a100", "nccl_all_reduce", 8, 2048) == run_case(case)["latency_us"]


def test_legs_and_memory_make_a_load() -> None:
    assert noc.peer_load_ns() == pytest.approx(4 * 85 + noc.local_load_ns())
    assert noc.switch_load_ns(2) == noc.switch_load_ns(8)
    assert noc.one_shot_switch_ns(128) > noc.switch_load_ns(8)


def test_a_step_alone_takes_the_host_as_it_was_measured() -> None:
    assert noc.tokens_per_s("xpu-h100", "qwen3-8b", 1, 64, 138.1, 8.3) == pytest.approx(138.1)


@pytest.mark.parametrize(
    "claim", [c for c in COLLECTIVES if c.call.function.endswith(ALONE)], ids=lambda claim: claim.id
)
def test_no_gated_claim_on_a_collective_alone_fails(claim: ClaimSpec) -> None:
    verdict = check(claim)
    assert not verdict.fault
    assert not verdict.fails, (verdict.ours, claim.value)
