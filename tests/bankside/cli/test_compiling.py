"""What is said on a terminal before the one slow start."""

import sys
from pathlib import Path

import pytest

from bankside.arch.jit import kernels
from bankside.cli.compiling import announce

pytestmark = pytest.mark.skipif(kernels.INTERPRETED, reason="nothing is compiled")
ONCE = "compiling models, once, about 40 s\n"


def keep_in(folder: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("bankside.arch.jit", "bankside.arch.jit.kernels"):
        monkeypatch.setattr(f"{module}.FOLDER", folder)


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)


def test_only_a_cold_start_is_announced(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_terminal(monkeypatch)
    keep_in(tmp_path, monkeypatch)
    announce()
    assert capsys.readouterr().err == ONCE
    (tmp_path / "f.code").write_bytes(b"")
    announce()
    assert capsys.readouterr().err == ""


def test_s3_that_nothing_is_kept_is_told_with_the_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANKSIDE_CACHE", "/shared/cache")
    on_terminal(monkeypatch)
    keep_in(None, monkeypatch)
    announce()
    first, second = capsys.readouterr().err.splitlines()
    assert first == "compiling models, about 40 s"
    assert second.startswith("they are not kept: /shared/cache is not a folder that you alone may write to")


def test_nothing_is_said_where_there_is_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_in(tmp_path, monkeypatch)
    announce()
    assert capsys.readouterr().err == ""
