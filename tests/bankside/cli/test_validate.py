from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.validation import check, claims


def test_claims_of_a_unit_hold(parsed: Callable[..., Any], bankside: Callable[..., Any]) -> None:
    verdicts = parsed("validate", "models", "--json", "-")
    gated = [verdict for verdict in verdicts if verdict["gated"]]
    assert {verdict["outcome"] for verdict in gated} == {"pass"}
    assert {verdict["outcome"] for verdict in verdicts if not verdict["gated"]} <= {"shown"}
    assert all(verdict["ours"] is not None for verdict in verdicts)
    assert len(gated) >= 9
    outcome = bankside("validate", "models")
    assert outcome.exit_code == 0
    assert f"{len(gated)} claims held, {len(verdicts) - len(gated)} shown" in outcome.stdout


def test_a_missed_claim_ends_with_1(bankside: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "function_of", lambda reference: lambda **arguments: 1.0)
    outcome = bankside("validate", "models")
    assert outcome.exit_code == 1
    assert "FAIL" in outcome.stdout
    assert outcome.stderr == ""


def test_what_nobody_measured_is_said_before_the_totals(
    bankside: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "function_of", lambda reference: lambda **arguments: 1.0)
    told = " ".join(bankside("validate", "published_areas").stdout.split())
    assert "Nobody is known to have measured the area of a DPU of UPMEM" in told


def test_claims_of_a_source_and_of_a_file(tmp_path: Path) -> None:
    of_source = claims.claims_of(["jeddeloh_2012"])
    shipped = claims.FOLDER / "jeddeloh_2012" / "claims.yaml"
    assert len(of_source) == 2
    assert claims.claims_of([str(shipped)]) == of_source
    own = tmp_path / "mine.yaml"
    own.write_text(shipped.read_text())
    assert claims.claims_of([str(own)]) == of_source
    both = claims.claims_of(["jeddeloh_2012", "area"])
    assert {claim.id for claim in of_source} < {claim.id for claim in both}


def test_an_unknown_unit_is_a_sentence(refused: Callable[..., list[str]]) -> None:
    (sentence,) = refused("validate", "models", "frobnicate")
    assert "'frobnicate'" in sentence
    assert "models" in sentence


def test_every_shipped_claim_leads_to_a_function() -> None:
    for claim in claims.claims_of([]):
        assert callable(check.function_of(claim.call.function))
