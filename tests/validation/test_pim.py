"""Claims about PIM commands hold."""

import pytest

from bankside.validation import pim
from bankside.validation.check import check
from bankside.validation.claims import claims_of

COMMANDS = ("attacc", "pimsimulator")
"""Sources of claims about commands alone, which take no time."""


def test_every_claim_holds() -> None:
    claims = [claim for claim in claims_of(["pim"]) if claim.id.startswith(COMMANDS)]
    assert sum(claim.gated for claim in claims) >= 10
    assert [claim.id for claim in claims if check(claim).fails] == []


@pytest.mark.slow  # 40 s
def test_every_claim_about_products_holds() -> None:
    claims = [claim for claim in claims_of(["pim"]) if not claim.id.startswith(COMMANDS)]
    assert [claim.id for claim in claims if check(claim).fails] == []


def test_the_power_limit_slows_attention_in_banks() -> None:
    assert pim.slowdown(512, 16, "BA", "BA off") == pytest.approx(1.3, abs=0.15)


def test_claims_of_silicon_are_many_and_say_what_they_are() -> None:
    """Show 6: forty claims hold PIM, fifteen of them silicon; each missed gate names what is missing."""
    claims = claims_of(["pim"])
    assert len(claims) >= 40
    assert sum(claim.kind == "silicon" for claim in claims) >= 15
    assert all("issing" in claim.reason for claim in claims if claim.reason.startswith("Missed"))


def test_a_row_of_macs_of_aim_takes_226_clocks() -> None:
    assert pim.aim_row_clocks(8) == 226
    assert pim.aim_group_clocks(8) == 286
