"""Claims about heat hold."""

import pytest

from bankside.validation.check import check
from bankside.validation.claims import claims_of

CLAIMS = claims_of(["thermal"])


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_no_gated_claim_fails(claim):
    verdict = check(claim)
    assert not verdict.fault
    assert not verdict.fails, (verdict.ours, claim.value)


def test_there_are_enough_of_them():
    assert len([claim for claim in CLAIMS if claim.gated]) >= 10
