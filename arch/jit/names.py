"""What a function is called by in the folder of compiled code: a name that its code follows from."""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from bankside.arch.jit.folder import PACKAGE_ROOTS, source_digest


def name_of(function: Callable[..., Any]) -> str:
    """Where a function stands, and what its code follows from besides the folder's own name."""
    code = function.__code__
    return f"{function.__module__}.{function.__qualname__}:{code.co_firstlineno}{stands_on(code.co_filename) or ''}"


@cache
def stands_on(source: str) -> str | None:
    """Nothing where the folder's name follows from this source; a digest of the rest of the package where it is one of
    those, which change more often than models and compile less; None for any other: code of it would become stale."""
    path, rest = Path(source).resolve(), _rest()
    if any(path.is_relative_to(root) for root in PACKAGE_ROOTS):
        return ""
    return _digest(rest) if rest is not None and path.is_relative_to(rest) else None


def _rest() -> Path | None:
    """The folder of the package itself."""
    file = getattr(sys.modules.get(__name__.partition(".")[0]), "__file__", None)
    return None if file is None else Path(file).resolve().parent


@cache
def _digest(folder: Path) -> str:
    return source_digest([folder])
