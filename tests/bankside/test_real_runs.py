"""The command line on the shipped machines: every result keeps the contract, and equal commands print equal bytes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bankside.arch.spec import names
from bankside.cli.app import app
from bankside.report.contract import faults
from bankside.report.explain import sentences

GEMV = ("gemv", "--m", "256", "--k", "256")


def results(*words: str) -> Any:
    """What a command prints as JSON."""
    outcome = CliRunner().invoke(app, [*words, "--json", "-"])
    assert outcome.exit_code == 0, outcome.stderr
    return json.loads(outcome.stdout)


def test_every_shipped_machine_keeps_the_contract() -> None:
    integer_only = ["upmem"]
    rest = [name for name in names("machines") if name not in integer_only]
    runs = results("compare", *GEMV, "--machines", ",".join(rest))
    runs += results("compare", *GEMV, "--format", "int8", "--machines", ",".join(integer_only))
    for each in runs:
        assert faults(each) == [], each["machine"]["name"]
        assert each["thermal"]["density_w_per_mm2"]["max"] > 0
        assert len(sentences(each)) >= 5


def test_every_shipped_machine_can_be_shown_with_its_sources() -> None:
    for name in names("machines"):
        outcome = CliRunner().invoke(app, ["show", "machine", name])
        assert outcome.exit_code == 0, outcome.stderr
        assert "peak bandwidth at the tap" in outcome.stdout


def test_s2_the_same_command_prints_the_same_bytes_in_another_folder(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "bankside", "run", *GEMV, "--machine", "base-die", "--json", "-"]
    here = subprocess.run(words, capture_output=True, check=True)
    there = subprocess.run(words, capture_output=True, check=True, cwd=tmp_path)
    assert here.stdout == there.stdout


@pytest.mark.parametrize("option", ["--no-fold", "--duty=1.0"])
def test_what_must_not_change_a_number_does_not(option: str) -> None:
    plain = results("run", *GEMV, "--machine", "hybrid-3d")
    other = results("run", *GEMV, "--machine", "hybrid-3d", option)
    for each in (plain, other):
        del each["provenance"]
    assert plain == other


def test_a_pinned_mapping_runs_or_is_refused_before_the_run(tmp_path: Path) -> None:
    words = ["run", "gemm", "--m", "16", "--n", "512", "--k", "512", "--machine", "hybrid-3d"]
    plain = results(*words)
    (tmp_path / "same.json").write_text(json.dumps(plain["mapping"]))
    pinned = results(*words, "--mapping", str(tmp_path / "same.json"))
    for each in (plain, pinned):
        del each["provenance"]
    assert plain == pinned
    entry = "operators: [{operator: gemm, cores: {batch: 1, m: 1, n: 1}, tile: {m: 16, n: 32, k: 512}, unit: cube}]"
    (tmp_path / "bad.yaml").write_text(entry)
    outcome = CliRunner().invoke(app, [*words, "--mapping", str(tmp_path / "bad.yaml")])
    assert outcome.exit_code == 2
    assert "names the unit 'cube'" in outcome.stderr
