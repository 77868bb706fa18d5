"""Pieces of a file are whole lines."""

import gzip
from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError
from bankside.trace import trace_text
from bankside.trace.trace_text import pieces


@pytest.mark.parametrize("size", [1, 3, 7, 1 << 22])
@pytest.mark.parametrize("end", ["", "\n"])
def test_pieces_are_whole_lines_wherever_the_file_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, end: str
) -> None:
    monkeypatch.setattr(trace_text, "PIECE_BYTES", size)
    text = "ab\n\ncdef\ng" + end
    (tmp_path / "t").write_text(text)
    found = list(pieces(tmp_path / "t"))
    assert b"".join(piece for _, piece in found) == b"ab\n\ncdef\ng\n"
    line = 1
    for first, piece in found:
        assert first == line
        assert piece.endswith(b"\n")
        line += piece.count(b"\n")


def test_a_file_without_lines_is_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_text, "PIECE_BYTES", 1 << 12)
    (tmp_path / "t").write_bytes(b"a\n" + b"\x00" * (1 << 17))
    with pytest.raises(ConfigError, match=r"t:2: the line is longer than"):
        list(pieces(tmp_path / "t"))
    with pytest.raises(ConfigError, match="cannot be read"):
        list(pieces(tmp_path / "none"))


def test_a_compressed_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "requests.gz"
    path.write_bytes(gzip.compress(b"LD 0\n"))
    with pytest.raises(ConfigError, match="the file is compressed; unpack it first"):
        list(pieces(path))
