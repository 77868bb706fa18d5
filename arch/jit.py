"""The one place that compiles: numba's flags, and a cache that cannot be stale.

numba's own cache looks at the file of the compiled function only, so a callee edited in another file would go
unnoticed. Here the cache folder is named by a digest of every source of the package and of all that generates
code: an edit anywhere leads to a new, empty folder. What a kernel reads from its module is compiled in,
hence it has to stand in the sources, never in a data file.
"""

import atexit
import os
import re
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy
from numba.core import types
from numba.core.errors import NumbaExperimentalFeatureWarning
from numba.core.types.function_type import CompileResultWAP

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

PACKAGE_ROOTS = tuple(Path(__file__).resolve().parents[1] / name for name in ("arch", "kernels"))
KEEP_CACHES = 4  # digests whose compiled code is kept: several checkouts or branches in turn stay warm
IN_USE_S = 600.0  # a folder used more recently is never removed: its process may still be running
DIGEST = re.compile("[0-9a-f]{20}")  # nothing else in the user's folder is ever removed
FLAGS = (
    "BOUNDSCHECK",
    "OPT",
    "DEBUGINFO_DEFAULT",
    "ENABLE_AVX",
    "CPU_NAME",
)  # numba forgets these in its own key


def source_digest(roots: Sequence[Path] = PACKAGE_ROOTS) -> str:
    """Digest of all Python sources below `roots` and of what turns them into machine code."""
    digest = sha256()
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            data = path.read_bytes()
            digest.update(f"{path.relative_to(root.parent).as_posix()} {len(data)}\n".encode())
            digest.update(data)
    flags = [f"{name}={getattr(numba.config, name, None)}" for name in FLAGS]
    digest.update("\n".join((sys.version, numpy.__version__, numba.__version__, *flags)).encode())
    return digest.hexdigest()[:20]


def cache_home() -> Path:
    """The user's folder for compiled models (`BANKSIDE_CACHE`, else the platform's cache folder)."""
    if chosen := os.environ.get("BANKSIDE_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "bankside" / "compiled"


def cache_folder(roots: Sequence[Path] = PACKAGE_ROOTS) -> Path:
    """The folder for code compiled from the present sources, made private to the user.

    Compiled code is loaded by unpickling, so a folder that others may write to is never used. Where none can
    be made private, a temporary one serves this process.
    """
    home = cache_home()
    folder = home / source_digest(roots)
    try:
        home.mkdir(parents=True, mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        _make_private(folder)
        os.utime(folder)
        _prune(home, folder)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="bankside-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _make_private(folder: Path) -> None:
    """Take the rights of others from a folder of ours; PermissionError when it is not ours."""
    if folder.is_symlink() or (hasattr(os, "geteuid") and folder.stat().st_uid != os.geteuid()):
        raise PermissionError(folder)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


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


if not getattr(numba.config, "DISABLE_JIT", 0):
    numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def kernel(function: F) -> F:
    """Compile `function` in nopython mode, strictly IEEE, cached on disk.

    Kernels take and hold int64, float64 and bool only; with NUMBA_DISABLE_JIT=1 they run as plain Python and
    give the same bits.
    """
    dispatcher: Any = numba.njit(cache=True, error_model="python")(function)
    if hasattr(dispatcher, "get_call_template"):
        template = dispatcher.get_call_template
        unliteral: Callable[[Any], Any] = types.unliteral

        def by_type(args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
            """One version for a type: numba would compile the callee anew for every constant argument."""
            plain = tuple(unliteral(argument) for argument in args)
            return template(plain, {name: unliteral(value) for name, value in keywords.items()})

        dispatcher.get_call_template = by_type
    return cast(F, dispatcher)


def pointer(function: F, signature: Any) -> Any:
    """`function`, compiled for `signature`, as a value that kernels may call; interpreted, the function itself.

    The function may stand in any module, and a kernel that calls it through a value is not compiled anew for it.

    Raises
    ------
    TypeError
        If it returns something else than the signature says.
    """
    if not hasattr(function, "get_call_template"):
        return function
    dispatcher: Any = function
    if (known := _POINTERS.get((dispatcher, signature))) is None:
        dispatcher.compile(signature.args)
        found = dispatcher.overloads[signature.args]
        if found.signature.return_type != signature.return_type:
            raise TypeError(
                f"{dispatcher.__name__} returns {found.signature.return_type}, not {signature.return_type}."
            )
        known = _POINTERS[dispatcher, signature] = CompileResultWAP(found)
    return known


def with_pointers(function: Callable[..., T], *arguments: Any) -> T:
    """Call a kernel some of whose arguments hold pointers; numba says each time that this is experimental."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NumbaExperimentalFeatureWarning)
        return function(*arguments)


_POINTERS: dict[tuple[Any, Any], Any] = {}
