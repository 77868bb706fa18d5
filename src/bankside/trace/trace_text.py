"""Text of traces in pieces of whole lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.spec import ConfigError

Ints = npt.NDArray[np.int64]

PIECE_BYTES: Final = 1 << 20
LONGEST_LINE: Final = 1 << 16
GZIP: Final = b"\x1f\x8b"
"""What a file that gzip has compressed begins with."""

BLANKS: Final = " \t\n\v\f\r"


def piece_count(path: Path) -> int | None:
    """How many pieces a file has; None where its size says nothing."""
    try:
        return -(-path.stat().st_size // PIECE_BYTES) or None
    except OSError:
        return None


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
