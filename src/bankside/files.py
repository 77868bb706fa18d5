"""Files written whole or not at all."""

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO


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
    of that name is replaced, not followed. It keeps the permissions of the old one, so that what was private
    stays so. Devices and pipes are written as they are.

    Raises
    ------
    OSError
        When the folder does not exist or cannot be written; nothing is left behind then.
    """
    pieces = [text] if isinstance(text, str) else text
    permissions = None
    with contextlib.suppress(FileNotFoundError):
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            with named(path), path.open("w", encoding="utf-8", newline="\n") as stream:
                stream.writelines(pieces)
            return
        permissions = mode & 0o777
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with named(path), _new(temporary, permissions) as stream:
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _new(path: Path, permissions: int | None) -> TextIO:
    """A new file to write, at no time open to more than `permissions`; as the umask wants where they are None."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o666 if permissions is None else permissions)

    stream = open(path, "x", encoding="utf-8", newline="\n", opener=opener)  # noqa: SIM115
    if permissions is not None:
        path.chmod(permissions)
    return stream


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
