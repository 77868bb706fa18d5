"""Claims about arrays and SRAM hold, and the functions behind them give what they name."""

import pytest

from bankside.validation import arrays
from bankside.validation.check import check
from bankside.validation.claims import claims_of


@pytest.mark.parametrize("unit", ["systolic", "sram"])
def test_every_claim_holds(unit: str) -> None:
    claims = claims_of([unit])
    assert sum(claim.gated for claim in claims) >= 10
    assert [claim.id for claim in claims if check(claim).fails] == []


def test_tpu_shares_add_up() -> None:
    shares = [arrays.tpu_v1_share_pct(200, 17.5, part) for part in ("active", "shift", "stall")]
    assert sum(shares) == pytest.approx(82.5)


def test_rows_are_compared_as_printed() -> None:
    rows = arrays.equal_rows("scalesim_v3", "sparse.csv", "mapping_eff_pct")
    assert rows < 220  # row-wise sparsity is random there
    assert arrays.equal_rows("scalesim_v3", "sparse.csv", "mapping_eff_pct", False) == 195
