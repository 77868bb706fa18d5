"""Claims about PIM commands hold."""

import pytest

from bankside.validation import pim
from bankside.validation.check import check
from bankside.validation.claims import claims_of


def test_every_claim_holds() -> None:
    claims = claims_of(["pim"])
    assert sum(claim.gated for claim in claims) >= 10
    assert [claim.id for claim in claims if check(claim).fails] == []


def test_the_power_limit_slows_attention_in_banks() -> None:
    assert pim.slowdown(512, 16, "BA", "BA off") == pytest.approx(1.3, abs=0.15)
