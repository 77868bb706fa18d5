"""Claims about nonlinear units hold, and the functions behind them give what they name."""

from bankside.validation import nonlinear
from bankside.validation.check import check
from bankside.validation.claims import claims_of


def test_every_claim_holds() -> None:
    claims = claims_of(["nonlinear"])
    assert sum(claim.gated for claim in claims) >= 10
    assert [claim.id for claim in claims if check(claim).fails] == []


def test_the_time_of_a_tile_goes_with_its_sizes_and_with_the_machine() -> None:
    assert nonlinear.tile_mma_cycle("xpu-b200", 128, 256, 64) == 1024
    assert nonlinear.tile_smem_cycle("xpu-b200", 128, 256, 128) == (128 + 512) * 128 * 2 / 128
    assert nonlinear.tile_exp_cycle("xpu-b300", 256, 128) == nonlinear.tile_exp_cycle("xpu-b200", 128, 128)


def test_narrow_units_take_less_energy() -> None:
    assert nonlinear.energy_ratio("ita") < nonlinear.energy_ratio("softermax") < 0.39
