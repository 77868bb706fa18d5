"""Claims about bit-serial elements hold, and the functions behind them give what they name."""

import pytest

from bankside.validation.check import check
from bankside.validation.claims import claims_of
from bankside.validation.operands import bits


def test_every_claim_holds() -> None:
    claims = claims_of(["bit-serial"])
    assert sum(claim.gated for claim in claims) >= 10
    assert [claim.id for claim in claims if check(claim).fails] == []


def test_gains_follow_from_cycles_of_both() -> None:
    assert bits.bitmod_speedup("bm4", "bm3", 0) == pytest.approx(2.8227, abs=1e-4)
    assert bits.bitmod_speedup("fp16", "fp16", 20) == 1.0
    assert bits.product_pj("fp16", 1, 1) == bits.element("fp16", "energy_pj")
