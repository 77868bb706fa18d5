"""Claims about DRAM channels hold, and their functions say what they say."""

from pathlib import Path

import pytest
from tests.arch.dram.device.foreign_files import ini, ramulator2

from bankside.unit.dram import CLOSED_PAGE, PRESETS
from bankside.validation import dram
from bankside.validation.check import check
from bankside.validation.claims import claims_of

CLAIMS = claims_of(["dram"])


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_no_gated_claim_fails(claim):
    verdict = check(claim)
    assert not verdict.fault
    assert not verdict.fails, (verdict.ours, claim.value)


GOLDEN = [claim for claim in CLAIMS if "preset" in claim.call.args and claim.unit_of_value == "cycle"]


@pytest.mark.parametrize("claim", GOLDEN, ids=lambda claim: claim.id)
def test_golden_rows_are_the_same_from_a_file_of_their_tool(claim, tmp_path: Path):
    cells = dict(claim.call.args)
    tool, preset = cells.pop("tool").lower(), cells.pop("preset")
    name = PRESETS[tool, preset]
    is_ini = tool == "dramsim3"
    file = tmp_path / ("device.ini" if is_ini else "device.yaml")
    file.write_text(ini(name) if is_ini else ramulator2(*preset.split("-")))
    page = "closed" if name in CLOSED_PAGE else "open"
    assert dram.result(**cells, device=str(file), page=page) == dram.result(**claim.call.args)


def test_golden_rows_from_files_are_of_twelve_presets_and_more():
    assert len({claim.call.args["preset"] for claim in GOLDEN}) >= 12


def test_there_are_many_claims_of_every_kind_of_evidence():
    gated = [claim for claim in CLAIMS if claim.gated]
    assert len(gated) >= 10
    assert {claim.kind for claim in gated} >= {"exact", "peer"}
    assert all(claim.source and claim.reason for claim in CLAIMS)


def test_hmc_is_shown_and_not_gated():
    (hmc,) = [claim for claim in CLAIMS if claim.id == "hmc-energy-total"]
    assert not hmc.gated


def test_a_path_costs_the_sum_of_its_parts_and_its_share_of_a_row():
    assert dram.path_pj_per_bit("hbm2", "bank", activation=False) == pytest.approx(0.44)
    assert dram.path_pj_per_bit("hbm2", "host", activation=False) == pytest.approx(3.48)
    whole = dram.path_pj_per_bit("hbm2", "bank") - 0.44
    half = dram.path_pj_per_bit("hbm2", "bank", row_share=0.5) - 0.44
    assert half == pytest.approx(2 * whole)
    assert whole == pytest.approx(901 / 8192)
