from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from bankside.arch.spec import ConfigError
from bankside.validation.claims import FOLDER, ClaimSpec, asked_for, claims_of, sources

CLAIM = """
  - id: {id}
    unit: models
    kind: {kind}
    quantity: KV cache of one token
    value: {value}
    unit_of_value: kB
    conditions: bf16
    source: "A paper, Table 1"
    confidence: {confidence}
    tolerance: {tolerance}
    reason: It is counted.
    call: {{function: "validation.quantities:kv_kbyte_per_token", args: {{model: gpt2}}}}
"""
USUAL = {"id": "kv", "kind": "exact", "value": "36.864", "confidence": "read", "tolerance": "exact"}


def write(folder: Path, source: str = "paper", **changes: str) -> Path:
    """A folder of claims with one source of one claim."""
    (folder / source).mkdir()
    text = "description: A paper.\nclaims:" + CLAIM.format(**{**USUAL, **changes})
    (folder / source / "claims.yaml").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("tolerance", "allowed"), [("exact", 0.0), ("0.5 %", 0.18432), ("1e-3 kB", 1e-3), ("2 kB", 2.0)]
)
def test_tolerances(tmp_path: Path, tolerance: str, allowed: float) -> None:
    (claim,) = claims_of([], write(tmp_path, tolerance=tolerance))
    assert claim.allowed() == pytest.approx(allowed, rel=1e-12)


@pytest.mark.parametrize("tolerance", ["0.5", "0.5%", "1 KiB", "-1 %", "about 1 %", "nan %"])
def test_tolerances_that_say_nothing_are_refused(tmp_path: Path, tolerance: str) -> None:
    with pytest.raises(ConfigError, match=r"claims\.yaml:\d+:\d+ .*tolerance"):
        claims_of([], write(tmp_path, tolerance=tolerance))


@pytest.mark.parametrize(
    ("kind", "confidence", "gated"),
    [
        ("exact", "read", True),
        ("peer", "computed", True),
        ("silicon", "read", True),
        ("headline", "read", False),
        ("exact", "recalled", False),
    ],
)
def test_headlines_and_recollections_are_never_gated(
    tmp_path: Path, kind: str, confidence: str, gated: bool
) -> None:
    (claim,) = claims_of([], write(tmp_path, kind=kind, confidence=confidence))
    assert claim.gated is gated


def test_an_id_stands_once_over_all_sources(tmp_path: Path) -> None:
    write(tmp_path, "one")
    write(tmp_path, "two")
    with pytest.raises(ConfigError, match="'kv' stands twice"):
        sources(tmp_path)


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "one", kind="hearsay")
    write(tmp_path, "two", value="much", confidence="sure")
    with pytest.raises(ConfigError) as raised:
        sources(tmp_path)
    assert len(raised.value.errors) == 3


def test_every_source_has_a_readme() -> None:
    for source in sources():
        assert (FOLDER / source.name / "README.md").is_file()


def test_there_are_ten_gated_claims() -> None:
    assert sum(claim.gated for claim in claims_of([])) >= 10


def _within(block: Any, name: str) -> Any:
    """What a block of a file calls so: a key, or the level of a path."""
    if isinstance(block, list):
        return next(each for each in block if each["level"] == name)
    return block[name]


STANDING = [claim for claim in claims_of([]) if claim.stands_on]


@pytest.mark.parametrize("claim", STANDING, ids=lambda claim: claim.id)
def test_the_constants_that_a_claim_stands_on_are_in_the_files_named(claim: ClaimSpec) -> None:
    for name in claim.stands_on:
        file, key = name.split()
        text = (FOLDER.parent / "configs" / f"{file}.yaml").read_text(encoding="utf-8")
        assert reduce(_within, key.split("."), yaml.safe_load(text)) is not None


def test_a_constant_that_is_no_key_of_a_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path) / "paper" / "claims.yaml"
    path.write_text(path.read_text() + '    stands_on: ["the clock"]\n')
    with pytest.raises(ConfigError, match="not 'the clock'"):
        claims_of([], tmp_path)


def test_what_nobody_measured_is_told_with_what_is_asked_for(tmp_path: Path) -> None:
    (folder := tmp_path / "paper").mkdir()
    one = (FOLDER / "jeddeloh_2012" / "claims.yaml").read_text()
    (folder / "claims.yaml").write_text(f"{one}\nunmeasured: [{{unit: area, figure: the area of a DPU.}}]\n")
    told = [each.sentence for each in asked_for([], tmp_path).unmeasured]
    assert told == ["Nobody is known to have measured the area of a DPU."]
    assert [each.sentence for each in asked_for(["paper"], tmp_path).unmeasured] == told
    assert asked_for([claims_of([], tmp_path)[0].unit], tmp_path).unmeasured == ()


def test_the_area_of_a_dpu_is_told_to_be_measured_by_nobody() -> None:
    assert any("UPMEM" in each.sentence for each in asked_for(["area"]).unmeasured)
