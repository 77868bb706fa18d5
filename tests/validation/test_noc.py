"""Claims about networks hold."""

import pytest

from bankside.validation import noc
from bankside.validation.check import check
from bankside.validation.claims import claims_of

CLAIMS = claims_of(["noc"])


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
