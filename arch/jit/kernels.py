"""The decorator that compiles."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numba
from numba.core import types

from bankside.arch.jit.apart import keep_apart
from bankside.arch.jit.codes import SUFFIX, Codes
from bankside.arch.jit.folder import PACKAGE_ROOTS, cache_folder
from bankside.arch.jit.locks import Locks

F = TypeVar("F", bound=Callable[..., Any])

INTERPRETED: Final = bool(getattr(numba.config, "DISABLE_JIT", 0))
FOLDER: Final = None if INTERPRETED else cache_folder()
LOCKS: Final = Locks(FOLDER / "lock") if FOLDER else None


def nothing_kept() -> bool:
    """Whether the functions of this package have yet to be compiled."""
    return not INTERPRETED and (FOLDER is None or not any(FOLDER.glob(f"*{SUFFIX}")))


def kernel(function: F) -> F:
    """Compile `function` in nopython mode, strictly IEEE, cached on disk.

    Kernels take and hold int64, float64 and bool only; with NUMBA_DISABLE_JIT=1 they run as plain Python and
    give the same bits.
    """
    return _compiled(function, {})


def hot_kernel(function: F) -> F:
    """As `kernel`, for functions that are called millions of times a second and allocate nothing.

    Arrays are not counted on the way in and out: the caller holds them. Counting is an atomic instruction an array and
    call, half of the time of a router's step.
    """
    return _compiled(function, {"_nrt": False})


def _compiled(function: F, options: dict[str, Any]) -> F:
    dispatcher: Any = numba.njit(error_model="python", **options)(function)
    if not INTERPRETED:
        _by_type(dispatcher)
        keep_apart(dispatcher)
        captures = function.__closure__ is not None
        if FOLDER and LOCKS and not captures and _in_digest(function.__code__.co_filename):
            _cached(dispatcher, Codes(function, FOLDER, LOCKS))
    return cast(F, dispatcher)


def _by_type(dispatcher: Any) -> None:
    """One version for a type: numba would compile a callee anew for every constant argument."""
    template = dispatcher.get_call_template
    unliteral: Callable[[Any], Any] = types.unliteral

    def by_type(args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        plain = tuple(unliteral(argument) for argument in args)
        return template(plain, {name: unliteral(value) for name, value in keywords.items()})

    dispatcher.get_call_template = by_type


@lru_cache
def _in_digest(source: str) -> bool:
    """Whether the folder's name follows from this source: what is compiled from others would become stale."""
    path = Path(source).resolve()
    return any(path.is_relative_to(root) for root in PACKAGE_ROOTS)


def _cached(dispatcher: Any, codes: Codes) -> None:
    compiled = dispatcher.compile

    def compile_or_load(signature: Any) -> Any:
        with codes.turn():
            return compiled(signature)

    dispatcher._cache = codes
    dispatcher.compile = compile_or_load
