"""The requests of a piece of a trace: words of lines become operations, clocks and numbers in one pass."""

from typing import Final, NamedTuple

import numpy as np

from bankside.arch.jit import kernel
from bankside.trace.trace_grammar import Grammar
from bankside.trace.trace_text import Ints

LARGEST: Final = 1 << 52
"""Numbers from here on are not read: they fit no device and no run."""

MOST_DIGITS: Final = 32
NEWLINE, COMMA, HASH, SPACE, TAB, RETURN = 10, 44, 35, 32, 9, 13
WIDTH, OP, TIME, ADDRESS, NUMBERS, BASE, COMMAS = range(7)
"""Entries of a form: words of a line; which is the operation, the clock (or -1) and the first number; how many numbers
there are; their base; whether commas part words."""

WORD, SIZE, CODE = range(3)
"""Columns of the words of operations: up to 8 letters as one number, how many there are, and what they mean."""

LINE, DID, AT, FOUND = range(4)
"""Rows of what is read of a line: its number in the piece, its operation and its clock, and its numbers from there."""


class Lines(NamedTuple):
    """What the lines of a piece say.

    number, op, time : int64[k]
        Number in the piece, from 0, of each line that is a request, its operation, and its clock or 0.
    found : int64[numbers, k]
        Its address, or the numbers of its address.
    unread : int64[...]
        Numbers of lines that are none; empty ones and comments (#) are left out.
    """

    number: Ints
    op: Ints
    time: Ints
    found: Ints
    unread: Ints


def read_lines(piece: bytes, grammar: Grammar, levels: int) -> Lines:
    """Read a piece of whole lines; `levels`: numbers of an address vector."""
    numbers = levels if grammar.vector else 1
    form = np.array(
        [
            grammar.width(levels),
            grammar.op,
            grammar.time,
            grammar.address,
            numbers,
            grammar.base,
            grammar.vector,
        ],
        dtype=np.int64,
    )
    known = np.array(
        [(int.from_bytes(word.encode()), len(word), code) for word, code in grammar.ops.items()],
        dtype=np.int64,
    )
    most = piece.count(b"\n")
    read, unread = np.empty((FOUND + numbers, most), np.int64), np.empty(most, np.int64)
    text = np.frombuffer(piece + b"\n" * (8 - len(piece) % 8), dtype="<i8")
    count = _read(text, len(piece), form, known, read, unread)
    read = read[:, : count[0]]
    return Lines(read[LINE], read[DID], read[AT], read[FOUND:], unread[: count[1]])


@kernel
def _read(text: Ints, size: int, form: Ints, known: Ints, read: Ints, unread: Ints) -> tuple[int, int]:
    """Requests and lines that are none; `text`: eight letters a word, `size`: letters of the piece."""
    i = line = rows = bad = 0
    while i < size:
        words, sound = 0, True
        while True:
            while _parts(_letter(text, i), form[COMMAS]):
                i += 1
            if _letter(text, i) == NEWLINE:
                break
            start = i
            while not (_letter(text, i) == NEWLINE or _parts(_letter(text, i), form[COMMAS])):
                i += 1
            if words == 0 and _letter(text, start) == HASH:
                while _letter(text, i) != NEWLINE:
                    i += 1
                break
            sound &= _take(text, start, i, words, form, known, read, rows)
            words += 1
        if words == form[WIDTH] and sound:
            read[LINE, rows] = line
            rows += 1
        elif words > 0:
            unread[bad] = line
            bad += 1
        i += 1
        line += 1
    return rows, bad


@kernel
def _take(text: Ints, start: int, end: int, word: int, form: Ints, known: Ints, read: Ints, row: int) -> bool:
    """Note what a word says; False where it says nothing."""
    value = 0
    if word == 0 and form[TIME] < 0:
        read[AT, row] = 0
    if word == form[OP]:
        value = _code(text, start, end, known)
        read[DID, row] = value
    elif word == form[TIME]:
        value = _number(text, start, end, 10)
        read[AT, row] = value
    elif form[ADDRESS] <= word < form[ADDRESS] + form[NUMBERS]:
        value = _number(text, start, end, form[BASE])
        read[FOUND + word - form[ADDRESS], row] = value
    return value >= 0


@kernel
def _letter(text: Ints, i: int) -> int:
    return int((text[i >> 3] >> ((i & 7) << 3)) & 255)


@kernel
def _parts(letter: int, commas: int) -> bool:
    """Whether a letter parts words of a line."""
    blank = letter == SPACE or (TAB <= letter <= RETURN and letter != NEWLINE)
    return blank or (commas > 0 and letter == COMMA)


@kernel
def _code(text: Ints, start: int, end: int, known: Ints) -> int:
    """What an operation's word means, -1 where it is none of the known ones."""
    packed = 0
    if end - start <= 8:
        for i in range(start, end):
            packed = packed << 8 | _letter(text, i)
    for k in range(known.shape[0]):
        if known[k, SIZE] == end - start and known[k, WORD] == packed:
            return int(known[k, CODE])
    return -1


@kernel
def _number(text: Ints, start: int, end: int, base: int) -> int:
    """The number of a word, -1 where it is none or too large.

    With `base` 10 a word that begins with 0x is hexadecimal; with 16 every word is, with or without.
    """
    radix = base
    if end - start > 2 and _letter(text, start) == 48 and _letter(text, start + 1) | 32 == 120:
        start, radix = start + 2, 16
    if end - start > MOST_DIGITS:
        return -1
    value = 0
    for i in range(start, end):
        digit = _letter(text, i) - 48
        if digit > 9:
            digit = (digit + 48 | 32) - 87  # a to f, in either case
            if digit < 10:
                return -1
        if digit < 0 or digit >= radix or value >= LARGEST:
            return -1
        value = value * radix + digit
    return value if value < LARGEST else -1
