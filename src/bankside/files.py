"""Files written whole or not at all."""

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path


@contextlib.contextmanager
def named(path: Path) -> Iterator[None]:
    """Give errors of the system the file that they are about, where they do not say: full disks, devices."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def write_atomically(path: Path, text: str | Iterable[str]) -> None:
    """Replace the file at `path` by `text` (UTF-8), so that readers see the old or the new one, never a part.

    A long text may come in pieces, which are written one by one.

    The new text goes to a temporary file beside it, reaches the disk, and takes the name; a symbolic link
    of that name is replaced, not followed. Devices and pipes are written as they are.

    Raises
    ------
    OSError
        When the folder does not exist or cannot be written; nothing is left behind then.
    """
    pieces = [text] if isinstance(text, str) else text
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            with named(path), path.open("w", encoding="utf-8", newline="\n") as stream:
                stream.writelines(pieces)
            return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with named(path), temporary.open("x", encoding="utf-8", newline="\n") as stream:
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def refuse_unwritable(path: Path) -> None:
    """Find out before a long run that its result could not be written.

    Raises
    ------
    OSError
        When `path` is a folder, or its folder does not exist or cannot be written.
    """
    if path.is_dir():
        raise IsADirectoryError(21, "it is a folder, not a file", str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(2, "its folder does not exist", str(path))
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(13, "its folder cannot be written", str(path))


def remove_leftovers(path: Path) -> None:
    """Remove what processes that were killed while they replaced `path` left beside it.

    Only who alone may write `path` knows that no process is still at it.
    """
    left = re.compile(re.escape(f".{path.name}.") + "[0-9]+" + re.escape(".tmp"))
    for beside in path.parent.iterdir():
        if left.fullmatch(beside.name):
            beside.unlink(missing_ok=True)
