"""The one place that compiles: numba's flags, and a cache that cannot be stale.

numba's own cache looks at the file of the compiled function only, so a callee edited in another file would go
unnoticed. Here the cache folder is named by a digest of every source of the package and of the versions that
generate code: an edit anywhere leads to a new, empty folder.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE_ROOTS = tuple(Path(__file__).resolve().parents[1] / name for name in ("arch", "kernels"))
KEEP_CACHES = 4  # digests whose compiled code is kept: several checkouts or branches in turn stay warm


def source_digest(roots: tuple[Path, ...] = PACKAGE_ROOTS) -> str:
    """Digest of all Python sources below `roots` and of the versions that turn them into machine code."""
    digest = hashlib.sha256()
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root.parent).as_posix().encode())
            digest.update(path.read_bytes())
    for version in (sys.version, numpy.__version__, numba.__version__):
        digest.update(version.encode())
    return digest.hexdigest()[:20]


def cache_home() -> Path:
    """The user's folder for compiled models (`BANKSIDE_CACHE`, else the platform's cache folder)."""
    if chosen := os.environ.get("BANKSIDE_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "bankside" / "compiled"


def _prepare_cache() -> None:
    home = cache_home()
    folder = home / source_digest()
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        older = sorted((f for f in home.iterdir() if f != folder), key=lambda f: -f.stat().st_mtime)
        for stale in older[KEEP_CACHES - 1 :]:
            shutil.rmtree(stale, ignore_errors=True)
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


_prepare_cache()


def kernel(function: F) -> F:
    """Compile `function` in nopython mode, strictly IEEE, cached on disk.

    Kernels take and hold int64, float64 and bool only; with NUMBA_DISABLE_JIT=1 they run as plain Python and
    give the same bits.
    """
    return cast(F, numba.njit(cache=True, error_model="python")(function))
