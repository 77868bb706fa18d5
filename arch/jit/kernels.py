"""The decorators that compile."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from bankside.arch.jit.door import Door
from bankside.arch.jit.folder import FOLDER, INTERPRETED

F = TypeVar("F", bound=Callable[..., Any])


def nothing_kept() -> bool:
    """Whether the functions of this package have yet to be compiled."""
    return not INTERPRETED and (FOLDER is None or not any(FOLDER.glob("*.code")))


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
    return function if INTERPRETED else cast(F, Door(function, options, start_only))
