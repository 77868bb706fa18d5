"""Where compiled code is kept: a folder named by all that the code follows from, so that it cannot be stale.

numba's own cache looks at the file of the compiled function only, so a callee edited in another file would go
unnoticed. Here the folder is named by a digest of every source of the package and of all that generates
code: an edit anywhere leads to a new, empty folder. What a kernel reads from its module is compiled in,
hence it has to stand in the sources, never in a data file.
"""

import contextlib
import os
import re
import shutil
import sys
import time
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from io import FileIO
from pathlib import Path
from typing import Final

from bankside.arch.jit.trust import make_folders, make_private, refuse_shared

PACKAGE_ROOTS = tuple(Path(__file__).resolve().parents[2] / name for name in ("arch", "kernels"))
KEEP_CACHES = 4  # digests whose compiled code is kept: several checkouts or branches in turn stay warm
IN_USE_S = 600.0  # a folder used more recently is never removed: its process may still be running
DIGEST = re.compile("[0-9a-f]{20}")  # nothing else in the user's folder is ever removed
GENERATORS = "numpy", "numba", "llvmlite"
FLAGS = "BOUNDSCHECK", "OPT", "DEBUGINFO", "ENABLE_AVX", "CPU_NAME", "CPU_FEATURES"
"""What numba compiles differently by."""


def _settings() -> dict[str, str]:
    """numba's, from where numba takes them: a file in the working folder, and the environment above it."""
    found: dict[str, str] = {}
    if Path(".numba_config.yaml").is_file():
        import yaml

        said = yaml.safe_load(Path(".numba_config.yaml").read_text(encoding="utf-8")) or {}
        found = {f"NUMBA_{name.upper()}": str(value) for name, value in said.items()}
    return found | {name: value for name, value in os.environ.items() if name.startswith("NUMBA_")}


def source_digest(roots: Sequence[Path] = PACKAGE_ROOTS) -> str:
    """Digest of all Python sources below `roots` and of what turns them into machine code."""
    digest = sha256()
    for root in roots:
        for below, path in _sources(root):
            with FileIO(path) as file:  # takes half as long as a Path's own reading
                data = file.read()
            digest.update(f"{root.name}/{below} {len(data)}\n".encode())
            digest.update(data)
    settings = _settings()
    flags = [f"{name}={settings.get(f'NUMBA_{name}')}" for name in FLAGS]
    digest.update("\n".join((sys.version, *_versions(), *flags)).encode())
    return digest.hexdigest()[:20]


@cache
def _versions() -> tuple[str, ...]:
    return tuple(map(version, GENERATORS))


def _sources(root: Path) -> list[tuple[str, str]]:
    """Python sources below `root`, in order: each with slashes as from there, and its path."""
    start = len(str(root)) + 1
    paths = [
        f"{folder}{os.sep}{name}"
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith(".py")
    ]
    return sorted((path[start:].replace(os.sep, "/"), path) for path in paths)


@cache
def running_digest() -> str:
    """Digest of the sources of this package, read once: what a process has imported does not change any more."""
    return source_digest()


def cache_home() -> Path:
    """The user's folder for compiled models (`BANKSIDE_CACHE`, else the platform's cache folder)."""
    if chosen := os.environ.get("BANKSIDE_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "bankside" / "compiled"


def cache_folder(roots: Sequence[Path] = PACKAGE_ROOTS) -> Path | None:
    """The folder for code compiled from the present sources, made private to the user.

    Compiled code is loaded by unpickling, so a folder that others may write to or put another in the place of
    is never used. None where there is none to use: each process compiles for itself then.
    """
    try:
        home = cache_home().resolve()
        make_folders(home)
        refuse_shared(home)
        folder = home / (running_digest() if roots == PACKAGE_ROOTS else source_digest(roots))
        make_private(folder)
        with contextlib.suppress(OSError):  # one that is full can still be read
            os.utime(folder)
        _prune(home, folder)
    except (OSError, RuntimeError):  # RuntimeError: no home folder, or a loop of links
        return None
    return folder


def _prune(home: Path, current: Path) -> None:
    """Remove the folders of old digests, beyond the few used last."""
    used = {}
    for folder in home.iterdir():
        try:
            if folder != current and DIGEST.fullmatch(folder.name) and not folder.is_symlink():
                used[folder] = folder.stat().st_mtime
        except FileNotFoundError:
            continue  # another process pruned it
    for folder in sorted(used, key=lambda each: -used[each])[KEEP_CACHES - 1 :]:
        if time.time() - used[folder] > IN_USE_S:
            shutil.rmtree(folder, ignore_errors=True)


def _interpreted() -> bool:
    try:
        return int(_settings().get("NUMBA_DISABLE_JIT") or 0) != 0
    except ValueError:  # which numba warns of, and takes for 0
        return False


INTERPRETED: Final = _interpreted()
FOLDER: Final = None if INTERPRETED else cache_folder()
