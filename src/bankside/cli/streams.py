"""The streams and terminal of the program, made fit for use: closed ones, no width at all, readers that leave."""

import contextlib
import errno
import io
import os
import sys
from typing import Final, TextIO

LEAST_COLUMNS: Final = 40  # narrower tables would lose text; a narrower terminal wraps them


def mend() -> None:
    """Give a process without stdout or stderr streams, and libraries a width that text fits in.

    What is written to a stdout that was closed fails when it is flushed, as it does for any program; what is
    said on a closed stderr is lost.
    """
    if sys.stdout is None:
        sys.stdout = _stream(os.O_RDONLY)
    if sys.stderr is None:
        sys.stderr = _stream(os.O_WRONLY)
    columns = os.environ.get("COLUMNS", "")
    if not columns.isdecimal() or int(columns) == 0:
        os.environ.pop("COLUMNS", None)  # as not given: the terminal itself is asked
    elif int(columns) < LEAST_COLUMNS:
        os.environ["COLUMNS"] = str(LEAST_COLUMNS)


def _stream(mode: int) -> TextIO:
    raw = io.FileIO(os.open(os.devnull, mode), "w")
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8")


def abandon(stream: TextIO) -> None:
    """Drop what a stream still holds: Python would complain once more when it flushes it at exit."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def tell(sentence: str) -> None:
    """Say a sentence on stderr, where anybody still reads it."""
    try:
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        abandon(sys.stderr)


def reader_gone(error: BaseException | None) -> bool:
    """Whether a closed pipe is what led to `error`: libraries exit with 1 then, which means something else here."""
    while error is not None:
        if isinstance(error, BrokenPipeError) or getattr(error, "errno", None) == errno.EPIPE:
            return True
        error = error.__cause__ or error.__context__
    return False
