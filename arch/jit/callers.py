"""What calls a compiled function decides which ways into it are made.

numba gives each function one for Python and one for C, and optimises and translates both. Most functions are called
by other kernels alone, which need neither: a version of a function is compiled for the caller that asks for it.
"""

import contextlib
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, Final, NamedTuple

from numba.core.compiler_lock import global_compiler_lock


class Caller(IntEnum):
    """Who calls a version of a compiled function: Python, another kernel, or any by its address."""

    PYTHON = 0
    KERNEL = 1
    ADDRESS = 2


class Asked(NamedTuple):
    """Which version is asked for; `exactly`: not another that serves as well."""

    caller: Caller
    exactly: bool = False

    def served_by(self, present: Caller | None) -> bool:
        """Whether the version that is there serves: kernels can call them all."""
        return present is not None and (
            present == self.caller or (self.caller == Caller.KERNEL and not self.exactly)
        )


_asked: Final = [Asked(Caller.PYTHON)]
"""The innermost last; changed under numba's lock only."""


def asked() -> Asked:
    """Which version is asked for at present; ask under numba's lock."""
    return _asked[-1]


@contextlib.contextmanager
def asked_by(caller: Caller, exactly: bool = False) -> Iterator[None]:
    """Have what is compiled meanwhile be compiled for `caller`."""
    with global_compiler_lock:
        _asked.append(Asked(caller, exactly))
        try:
            yield
        finally:
            _asked.pop()


def ways_in(caller: Caller) -> dict[str, Any]:
    """numba's options for a version."""
    return {
        "no_cpython_wrapper": caller != Caller.PYTHON,
        "no_cfunc_wrapper": caller != Caller.ADDRESS,
    }
