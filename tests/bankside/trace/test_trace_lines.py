"""Requests of many lines at once, against Python's own reading of each line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.trace.trace_grammar import DRAMSIM3, LOAD_STORE, READ_WRITE, Grammar
from bankside.trace.trace_lines import LARGEST, Lines, read_lines

WORDS = st.one_of(
    st.text(alphabet="0123456789abcdefxXRDW_,#", min_size=1, max_size=20),
    st.sampled_from(
        ["LD", "ST", "R", "W", "READ", "P_MEM_RD", "BOFF", "0x1f", "12", "0", "1,2", "4503599627370496"]
    ),
)
GAPS = st.sampled_from([" ", "  ", "\t"])


def number(word: str, base: int) -> int:
    """The number of a word, read one by one; -1 where it is none."""
    if base == 10 and (word[:2].lower() != "0x" or len(word) == 2):
        value = int(word) if word.isdigit() else -1
    else:
        try:
            value = int(word, 16) if "_" not in word else -1
        except ValueError:
            value = -1
    return value if value < LARGEST else -1


def plainly(text: str, grammar: Grammar, levels: int) -> tuple[list[tuple[int, ...]], list[int]]:
    """Requests, each its line, operation, clock and numbers; and lines that are none."""
    read, unread = [], []
    for line, raw in enumerate(text.splitlines()):
        words = (raw.replace(",", " ") if grammar.vector else raw).split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != grammar.width(levels):
            unread.append(line)
            continue
        numbers = levels if grammar.vector else 1
        told = [number(word, grammar.base) for word in words[grammar.address : grammar.address + numbers]]
        clock = number(words[grammar.time], 10) if grammar.time >= 0 else 0
        request = (grammar.ops.get(words[grammar.op], -1), clock, *told)
        if min(request) < 0:
            unread.append(line)
        else:
            read.append((line, *request))
    return read, unread


def told(lines: Lines) -> tuple[list[tuple[int, ...]], list[int]]:
    rows = zip(
        lines.number.tolist(), lines.op.tolist(), lines.time.tolist(), *lines.found.tolist(), strict=True
    )
    return list(rows), lines.unread.tolist()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(WORDS, max_size=5), min_size=1, max_size=12),
    GAPS,
    st.sampled_from([LOAD_STORE, READ_WRITE, DRAMSIM3]),
)
def test_lines_are_read_as_python_reads_them(lines: list[list[str]], gap: str, grammar: Grammar) -> None:
    text = "".join(gap.join(words) + "\n" for words in lines)
    assert told(read_lines(text.encode(), grammar, 3)) == plainly(text, grammar, 3)


def test_comments_empty_lines_and_carriage_returns_say_nothing() -> None:
    found = read_lines(b"# R 1\n\n  \r\nLD 1\r\n#LD 2 3\nST 0x10\r\n", LOAD_STORE, 0)
    assert told(found) == ([(3, 0, 0, 1), (5, 1, 0, 16)], [])


def test_commas_part_words_only_where_they_are_asked_to() -> None:
    assert told(read_lines(b"R 1,2,3\n", READ_WRITE, 3)) == ([(0, 0, 0, 1, 2, 3)], [])
    assert told(read_lines(b"LD 1,2\n", LOAD_STORE, 3)) == ([], [0])


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("4503599627370495", 2**52 - 1),
        ("4503599627370496", -1),
        ("0xfffffffffffff", 2**52 - 1),
        ("0x1" + 13 * "0", -1),
        ("0" * 31 + "7", 7),
        ("0" * 32 + "7", -1),
        ("0x" + "0" * 31 + "A", 10),
        ("0x", -1),
        ("-1", -1),
        ("1g", -1),
    ],
)
def test_numbers_that_are_none_or_too_large_are_not_read(word: str, value: int) -> None:
    found = told(read_lines(f"LD {word}\n".encode(), LOAD_STORE, 0))
    assert found == (([], [0]) if value < 0 else ([(0, 0, 0, value)], []))


def test_a_piece_without_requests_has_none() -> None:
    assert told(read_lines(b"\n\n", LOAD_STORE, 0)) == ([], [])
