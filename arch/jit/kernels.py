"""The decorator that compiles."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numba
from numba.core import event, sigutils, types
from numba.core.compiler_lock import global_compiler_lock

from bankside.arch.jit.apart import keep_apart
from bankside.arch.jit.callers import Caller, asked, ways_in
from bankside.arch.jit.codes import SUFFIX, Codes
from bankside.arch.jit.folder import PACKAGE_ROOTS, cache_folder
from bankside.arch.jit.indices import count_from
from bankside.arch.jit.locks import Locks

normalized: Callable[[Any], tuple[Any, Any]] = sigutils.normalize_signature
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


def flat_kernel(function: F) -> F:
    """As `hot_kernel`, for functions on one long array: no index counts from its end, and none is tested for that."""
    return _compiled(function, {"_nrt": False}, start_only=True)


def inner_kernel(function: F) -> F:
    """As `flat_kernel`, for the parts of one loop that are long and called from one or two places: they become its own.

    A call hands on all that describes the array, which is a sixth of the time of a router's step.
    """
    return _compiled(function, {"_nrt": False, "forceinline": True}, start_only=True)


def _compiled(function: F, options: dict[str, Any], start_only: bool = False) -> F:
    dispatcher: Any = numba.njit(error_model="python", **options)(function)
    if not INTERPRETED:
        _by_type(dispatcher)
        if "forceinline" not in options:
            keep_apart(dispatcher)
        count_from(dispatcher, start_only)
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
    """Have `dispatcher` compile for who asks, and keep what it compiles in files.

    It is shown versions for Python alone: one without a way in for Python must not be called from there."""
    made_for: dict[Any, Caller] = {}

    def compile_or_load(signature: Any) -> Any:
        with global_compiler_lock, codes.turn():
            arguments, returns = normalized(signature)
            wanted = asked()
            if not wanted.served_by(made_for.get(arguments)):
                result = codes.load_overload(signature, dispatcher.targetctx)
                if result is None:
                    dispatcher._compiler.targetoptions.update(ways_in(wanted.caller))
                    data = {"dispatcher": dispatcher, "args": arguments, "return_type": returns}
                    with event.trigger_event("numba:compile", data=data):
                        result = dispatcher._compiler.compile(arguments, returns)
                    codes.save_overload(signature, result)
                else:
                    dispatcher._cache_hits[signature] += 1
                    dispatcher.targetctx.insert_user_function(
                        result.entry_point, result.fndesc, [result.library]
                    )
                made_for[arguments] = wanted.caller
                if wanted.caller == Caller.PYTHON:
                    dispatcher.add_overload(result)
                dispatcher.overloads[arguments] = result
            return dispatcher.overloads[arguments].entry_point

    dispatcher._cache = codes
    dispatcher.compile = compile_or_load
