import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bankside.cli.app import app
from bankside.cli.failure import TRACEBACK


def invoke_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> Any:
    """`bankside list models` when gathering the list raises `error`."""

    def fail(kind: str) -> Any:
        raise error

    monkeypatch.setattr("bankside.cli.show.listed", fail)
    return CliRunner().invoke(app, ["list", "models"])


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 141, ""),
        (PermissionError(13, "Permission denied", "secret.json"), 2, "secret.json: Permission denied.\n"),
        (
            ZeroDivisionError("division by zero"),
            2,
            "This is a defect of Bankside, not of your input: ZeroDivi",
        ),
        (MemoryError(), 2, "This is a defect"),
        (RecursionError("too deep"), 2, "This is a defect"),
    ],
)
def test_s8_every_end_has_its_code_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    outcome = invoke_with(monkeypatch, error)
    assert outcome.exit_code == code
    assert outcome.stderr.startswith(said)
    assert (outcome.stderr == "") == (said == "")
    assert "Traceback" not in outcome.output


def test_a_developer_can_ask_for_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRACEBACK, "1")
    assert isinstance(invoke_with(monkeypatch, ZeroDivisionError()).exception, ZeroDivisionError)


def test_no_command_prints_help() -> None:
    outcome = CliRunner().invoke(app, [])
    assert outcome.exit_code == 0
    assert "Usage" in outcome.stdout
    assert outcome.stderr == ""


@pytest.mark.parametrize(
    "command", ["run", "compare", "list", "show", "schema", "explain", "validate", "sweep", "unit"]
)
def test_s8_every_command_has_help(command: str) -> None:
    outcome = CliRunner().invoke(app, [command, "--help"])
    assert outcome.exit_code == 0
    assert "Usage" in outcome.stdout
    assert outcome.stderr == ""


def test_s8_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    command = f"{sys.executable} -m bankside schema machine | head -c 10"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stderr == ""
