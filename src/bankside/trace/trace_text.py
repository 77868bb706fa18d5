"""Text of traces, fast: files in pieces of whole lines, and the words and numbers of many lines at once as arrays."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.spec import ConfigError

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PIECE_BYTES: Final = 1 << 22
LONGEST_LINE: Final = 1 << 16
LARGEST: Final = 1 << 52
"""Numbers from here on are not read: they fit no device and no run."""

GZIP: Final = b"\x1f\x8b"
"""What a file that gzip has compressed begins with."""

NEWLINE, COMMA, HASH, SPACE = 10, 44, 35, 32
BLANKS: Final = " \t\n\v\f\r"
_PAD: Final = b"\n" * 64
_DIGITS: Final = np.full(256, 99, np.int64)
_DIGITS[48:58] = np.arange(10)
_DIGITS[65:71] = _DIGITS[97:103] = np.arange(10, 16)


def pieces(path: Path) -> Iterator[tuple[int, bytes]]:
    """Pieces of a file that end with a line, each with the number of its first line.

    Raises
    ------
    ConfigError
        When the file cannot be read or is compressed, or a line is so long that this is no text of lines.
    """
    line, rest = 1, b""
    try:
        with path.open("rb") as file:
            while block := file.read(PIECE_BYTES):
                if line == 1 and not rest and block.startswith(GZIP):
                    raise ConfigError(f"{path}: the file is compressed; unpack it first (gunzip).")
                whole, newline, tail = (rest + block).rpartition(b"\n")
                if newline:
                    yield line, whole + newline
                    line += whole.count(b"\n") + 1
                if len(tail) > LONGEST_LINE:
                    raise ConfigError(
                        f"{path}:{line}: the line is longer than {LONGEST_LINE:,} bytes; this is no trace."
                    )
                rest = tail
    except OSError as error:
        raise ConfigError(f"{path}: the file cannot be read: {error.strerror}.") from None
    if rest:
        yield line, rest + b"\n"


@dataclass(frozen=True)
class Lines:
    """The words of the lines of a piece.

    Attributes
    ----------
    text : uint8 array
        The piece, padded.
    number : array, shape (k,)
        Number in the piece, from 0, of each line that has `width` words.
    start, size : array, shape (k, width)
        Where each word begins, and its length [byte].
    odd : array
        Numbers of the lines that have another number of words; empty lines and comments (#) are left out.
    """

    text: npt.NDArray[np.uint8]
    number: Ints
    start: Ints
    size: Ints
    odd: Ints


def split(piece: bytes, width: int, commas: bool) -> Lines:
    """Find the words of every line; blanks, and commas where they count as such, part them."""
    text = np.frombuffer(piece + _PAD, np.uint8)
    body = text[: len(piece)]
    gap = (body == SPACE) | (body - 9 < 5)  # of BLANKS; what is below 9 wraps round to large
    if commas:
        gap |= body == COMMA
    edge = np.flatnonzero(gap[1:] != gap[:-1]) + 1
    if len(gap) and not gap[0]:
        edge = np.concatenate([np.zeros(1, np.int64), edge])
    start, end = edge[0::2], edge[1::2]
    line = np.searchsorted(np.flatnonzero(body == NEWLINE), start)
    first = np.ones(len(line), np.bool_)
    first[1:] = line[1:] != line[:-1]
    comments = line[first & (text[start] == HASH)]
    if len(comments):
        kept = ~np.isin(line, comments)
        start, end, line, first = start[kept], end[kept], line[kept], first[kept]
    number = line[first]
    words = np.diff(np.append(np.flatnonzero(first), len(line)))
    whole = np.repeat(words == width, words)
    shape = (-1, width)
    return Lines(
        text,
        number[words == width],
        start[whole].reshape(shape),
        (end - start)[whole].reshape(shape),
        number[words != width],
    )


def codes(lines: Lines, column: int, known: dict[str, int]) -> Ints:
    """The code of each line's word, -1 where it is none of the known ones (of 8 letters at most)."""
    start, size = lines.start[:, column], lines.size[:, column]
    packed = np.zeros(len(start), np.int64)
    for i in range(8):
        packed = np.where(i < size, packed << 8 | lines.text[start + i], packed)
    found = np.full(len(start), -1, np.int64)
    for word, code in known.items():
        found[(size == len(word)) & (packed == int.from_bytes(word.encode(), "big"))] = code
    return found


def numbers(lines: Lines, column: int, base: int) -> Ints:
    """The number of each line's word, -1 where it is none or too large.

    With `base` 10 a word that begins with 0x is hexadecimal; with 16 every word is, with or without.
    """
    start, size = lines.start[:, column], lines.size[:, column]
    marked = (size > 2) & (lines.text[start] == 48) & (lines.text[start + 1] | 32 == 120)
    start, size = start + 2 * marked, size - 2 * marked
    radix = np.where(marked, 16, base) if base == 10 else np.full(len(start), 16)
    value, sound = np.zeros(len(start), np.int64), size <= 32
    for i in range(int(size[sound].max(initial=0))):
        digit = _DIGITS[lines.text[start + np.minimum(i, 32)]]
        here = (i < size) & sound
        sound &= ~here | ((digit < radix) & (value < LARGEST))
        value = np.where(here & sound, value * radix + digit, value)
    return np.where(sound & (value < LARGEST) & (size > 0), value, -1)
