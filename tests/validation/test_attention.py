"""Claims about attention hold, and the functions behind them give what they name."""

import pytest

from bankside.validation import attention
from bankside.validation.check import check
from bankside.validation.claims import claims_of


@pytest.mark.slow  # 30 s: 270 rows
def test_every_claim_holds() -> None:
    claims = claims_of(["attention"])
    assert sum(claim.gated for claim in claims) >= 10
    assert [claim.id for claim in claims if check(claim).fails] == []


def test_prefill_goes_over_all_cores_of_a_gpu() -> None:
    assert attention.error_pct("h100", "prefill", "median") <= 12
    assert attention.error_pct("h100", "prefill", "most") <= 25


def test_sequences_together_take_no_longer_than_one_after_the_other() -> None:
    assert attention.batch_excess("xpu-a100", 16, 4096) == 0
