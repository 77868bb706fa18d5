"""Folders that no other user can write to, or replace, on the way from the root."""

import os
import shutil
import stat
from pathlib import Path
from typing import Final

OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
ROOT: Final = 0


def make_folders(folder: Path) -> None:
    """Make `folder` and those above it that are missing, each for the user alone whatever the umask."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def refuse_shared(folder: Path) -> None:
    """Refuse a folder where others could put something of theirs in the place of what the user put there.

    Every folder from the root to this one has to be the user's or root's and writable by its owner alone, or be
    sticky like /tmp, where each may replace what is theirs only. `folder` is absolute and without links.

    Raises
    ------
    PermissionError
        Named after the first folder that is not so.
    """
    if not hasattr(os, "geteuid"):
        return
    for each in (*reversed(folder.parents), folder):
        status = each.stat()
        ours = status.st_uid in (ROOT, os.geteuid())
        if not ours or (status.st_mode & OTHERS_WRITE and not status.st_mode & stat.S_ISVTX):
            raise PermissionError(13, "others may write to it", str(each))


def make_private(folder: Path) -> None:
    """Make a folder of the user alone, or take the rights of others from one; what others may have put there goes.

    Raises
    ------
    PermissionError
        When it is another user's, or a link.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or (hasattr(os, "geteuid") and folder.stat().st_uid != os.geteuid()):
        raise PermissionError(13, "it belongs to another user", str(folder))
    mode = folder.stat().st_mode
    if mode & OTHERS:
        folder.chmod(0o700)
    if mode & OTHERS_WRITE:
        shutil.rmtree(folder)
        folder.mkdir(mode=0o700)
