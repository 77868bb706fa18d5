"""Names held by one process at a time, so that of several cold processes one compiles a function for all."""

import contextlib
import os
import sys
import time
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final, Self

if sys.platform != "win32":
    import fcntl

WAIT_S: Final = 120.0
"""Time without a new file after which a process stops waiting: the holder may be halted, and compiling twice is only
slow [s]."""
LOOK_S: Final = 0.02  # between two looks whether a name is free


class Locks:
    """Locks by name, each a byte of one file; the system gives them back when the process ends, however it ends.

    A process may take a name that it holds already. Where locks cannot be had (no such file system, Windows),
    no process waits.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor: int | None = None

    @classmethod
    @cache
    def of(cls, folder: Path) -> Self:
        """Those of a folder, in the file `lock`."""
        return cls(folder / "lock")

    def acquire(self, name: str, wait_s: float = WAIT_S) -> bool:
        """Wait until no other process holds `name` and hold it; False where that cannot be, or nothing comes of it.

        As long as files appear beside that of the locks somebody makes them, however slow the machine is.
        """
        until_s = time.monotonic() + wait_s
        try:
            made = self._made()
            while not self._taken(name):
                if (now := self._made()) != made:
                    made, until_s = now, time.monotonic() + wait_s
                elif time.monotonic() > until_s:
                    return False
                time.sleep(LOOK_S)
        except OSError:
            return False
        return True

    def release(self, name: str) -> None:
        """Let others have `name`."""
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                fcntl.lockf(self._file(), fcntl.LOCK_UN, 1, _place(name))

    def _made(self) -> int:
        """When a file was last put beside that of the locks."""
        return self.path.parent.stat().st_mtime_ns

    def _taken(self, name: str) -> bool:
        """Whether `name` is ours now; OSError where nothing can be locked."""
        if sys.platform == "win32":
            raise OSError("this system has no locks on parts of files")
        file = self._file()
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(name))
        except (BlockingIOError, PermissionError):  # EAGAIN or EACCES: another process holds it
            return False
        return True

    def _file(self) -> int:
        """The one descriptor of this process: closing any other of the same file would give all locks back."""
        if self.descriptor is None:
            self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self.descriptor


def _place(name: str) -> int:
    """The byte that stands for `name`, of 2^56."""
    return int.from_bytes(blake2b(name.encode(), digest_size=7).digest())
