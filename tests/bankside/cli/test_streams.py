"""The program as shells start it: closed streams, closed pipes, terminals of no width."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bankside.cli.streams import LEAST_COLUMNS, mend, reader_gone

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell of another kind")
BANKSIDE = f"{shlex.quote(sys.executable)} -m bankside"
GONE = 141
CLOSED = "Standard output is closed, so nothing can be shown.\n"


def shell(command: str, cwd: Path, **environment: str) -> tuple[int, str, str]:
    """Exit code of `bankside` in a command where it is written `B`, and what came out."""
    done = subprocess.run(
        ["bash", "-c", f"{command.replace('B ', BANKSIDE + ' ', 1)}; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | environment,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("words", ["list machines", "schema machine", "--help", "show --help"])
def test_s12_a_closed_stdout_is_told(tmp_path: Path, words: str) -> None:
    assert shell(f"B {words} >&-", tmp_path) == (2, "", CLOSED)


def test_s12_a_closed_stderr_changes_nothing_else(tmp_path: Path) -> None:
    code, shown, _ = shell("B list machines 2>&-", tmp_path)
    assert code == 0 and "hybrid-3d" in shown
    assert shell("B list nonsense 2>&-", tmp_path) == (2, "", "")
    assert shell("B list machines >&- 2>&-", tmp_path) == (2, "", "")
    assert shell("B list machines <&- >&- 2>&-", tmp_path) == (2, "", "")


@pytest.mark.parametrize("words", ["list machines", "schema machine", "--help", "show --help", "--version"])
def test_s12_a_closed_pipe_exits_141(tmp_path: Path, words: str) -> None:
    """The reader has gone before anything is written."""
    os.mkfifo(tmp_path / "pipe")
    closed = "exec 3<>pipe; exec 4>pipe 5<pipe; exec 3>&- 5<&-"
    assert shell(f"{closed}; B {words} >&4", tmp_path) == (GONE, "", "")


def test_s12_nobody_reads_the_errors(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    closed = "exec 3<>pipe; exec 4>pipe 5<pipe; exec 3>&- 5<&-"
    assert shell(f"{closed}; B list nonsense 2>&4", tmp_path) == (2, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a system without full devices")
def test_a_full_device_behind_stdout_is_told_once(tmp_path: Path) -> None:
    assert shell("B list machines >/dev/full", tmp_path) == (2, "", "No space left on device.\n")


@pytest.mark.parametrize("columns", ["0", "", "-1", "wide", "²"])
def test_s12_a_width_of_nothing_is_no_width(tmp_path: Path, columns: str) -> None:
    wanted = shell("unset COLUMNS; B list machines", tmp_path)
    assert wanted[0] == 0 and "hybrid-3d" in wanted[1]
    assert shell("B list machines", tmp_path, COLUMNS=columns) == wanted


def test_s12_help_is_there_whatever_the_width(tmp_path: Path) -> None:
    code, shown, _ = shell("B --help", tmp_path, COLUMNS="0")
    assert code == 0 and "compare" in shown


@pytest.mark.parametrize(
    ("given", "left"), [("0", None), ("1", str(LEAST_COLUMNS)), ("132", "132"), ("²", None), ("-5", None)]
)
def test_the_width_that_libraries_see(monkeypatch: pytest.MonkeyPatch, given: str, left: str | None) -> None:
    monkeypatch.setenv("COLUMNS", given)
    mend()
    assert os.environ.get("COLUMNS") == left


def test_what_a_closed_pipe_led_to_is_seen() -> None:
    try:
        try:
            raise BrokenPipeError(32, "Broken pipe")
        except OSError:
            sys.exit(1)
    except SystemExit as caught:
        assert reader_gone(caught)
    assert not reader_gone(SystemExit(1))
    assert not reader_gone(None)
