"""Words and numbers of many lines at once, against Python's own reading of each line."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.spec import ConfigError
from bankside.trace import trace_text
from bankside.trace.trace_text import LARGEST, codes, numbers, pieces, split

WORDS = st.text(alphabet="0123456789abcdefxXRDW_", min_size=1, max_size=20)
GAPS = st.sampled_from([" ", "  ", "\t"])


def plain(word: str, base: int) -> int:
    """The number of a word, read one by one; -1 where it is none."""
    if base == 10 and word[:2].lower() != "0x":
        value = int(word) if word.isdigit() else -1
    else:
        try:
            value = int(word, 16) if "_" not in word else -1
        except ValueError:
            value = -1
    return value if value < LARGEST else -1


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=4), max_size=12), GAPS, st.sampled_from([10, 16]))
def test_lines_are_read_as_python_reads_them(lines: list[list[str]], gap: str, base: int) -> None:
    piece = "".join(gap.join(words) + "\n" for words in lines).encode()
    found = split(piece, 2, commas=False)
    assert found.number.tolist() == [i for i, words in enumerate(lines) if len(words) == 2]
    assert found.odd.tolist() == [i for i, words in enumerate(lines) if len(words) not in (0, 2)]
    whole = [words for words in lines if len(words) == 2]
    assert numbers(found, 1, base).tolist() == [plain(words[1], base) for words in whole]
    known = {"R": 0, "WR": 1, "RD": 2}
    assert codes(found, 0, known).tolist() == [known.get(words[0], -1) for words in whole]


def test_comments_empty_lines_and_carriage_returns_say_nothing() -> None:
    found = split(b"# R 1\n\n  \r\nR 1\r\n#R 2 3\nW 0x10\r\n", 2, commas=False)
    assert found.number.tolist() == [3, 5]
    assert not len(found.odd)
    assert numbers(found, 1, 10).tolist() == [1, 16]


def test_commas_part_words_only_where_they_are_asked_to() -> None:
    assert split(b"R 1,2,3\n", 4, commas=True).number.tolist() == [0]
    assert split(b"R 1,2,3\n", 4, commas=False).odd.tolist() == [0]


def test_numbers_that_are_too_large_are_none() -> None:
    found = split(
        b"a 4503599627370495\na 4503599627370496\na 0xfffffffffffff\na 0x10000000000000\n", 2, False
    )
    assert numbers(found, 1, 10).tolist() == [2**52 - 1, -1, 2**52 - 1, -1]


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


def test_an_empty_piece_has_no_lines() -> None:
    found = split(b"\n\n", 2, commas=False)
    assert found.start.shape == (0, 2)
    assert codes(found, 0, {"R": 0}).dtype == np.int64
    assert not len(numbers(found, 1, 10))


def test_a_compressed_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "requests.gz"
    path.write_bytes(gzip.compress(b"LD 0\n"))
    with pytest.raises(ConfigError, match="the file is compressed; unpack it first"):
        list(pieces(path))
