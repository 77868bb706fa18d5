"""Compiled functions as values: a kernel calls them without being compiled anew for each."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, cast

from bankside.arch.jit.door import Door
from bankside.arch.jit.folder import INTERPRETED
from bankside.arch.jit.later import Later


def address(function: Callable[..., Any], signature: str) -> Any:
    """Where `function`, compiled for `signature`, begins; interpreted, the function itself. See `function_at`.

    It may stand in any module, and a kernel that calls it by its address is not compiled anew for it. What it raises
    does not stop that kernel, see `heard`.

    Raises
    ------
    TypeError
        If it returns something else than the signature says.
    """
    return function.address(signature) if isinstance(function, Door) else function


def function_at(signature: str) -> Callable[[Any], Any]:
    """What turns an `address` into a function of this signature, "int64(int64[::1])", inside a kernel.

    Numba's own functions as arguments are typed anew at each call of the kernel, which takes longer than many programs.
    """
    if INTERPRETED:
        return lambda function: function
    return cast(Callable[[Any], Any], Later(lambda: _function_at(signature)))


def _function_at(signature: str) -> Any:
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    from bankside.arch.jit.compiled import normalized

    arguments, returns = normalized(signature)
    kind = types.FunctionType(returns(*arguments))

    def typed(context: Any, number: Any) -> Any:
        def lower(target: Any, builder: Any, _: Any, arguments: Any) -> Any:
            value = cgutils.create_struct_proxy(kind)(target, builder)  # type: ignore[no-untyped-call]
            value.c_addr = builder.inttoptr(arguments[0], cgutils.voidptr_t)
            return value._getvalue()

        return kind(types.int64), lower

    return intrinsic(typed)


class Heard:
    """Raise, behind the block, the first exception of functions that were called by their address within.

    Compiled, such a call goes on with a result of 0 where one is raised; Numba names its context to the hook of
    exceptions that nobody can catch, and says no more.
    """

    def __enter__(self) -> None:
        self._before, self._raised = sys.unraisablehook, list[BaseException]()
        sys.unraisablehook = self._hook

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.unraisablehook = self._before
        if kind is None and self._raised:
            raise self._raised[0]

    def _hook(self, told: Any) -> None:
        if isinstance(told.object, str) and isinstance(told.exc_value, BaseException):
            self._raised.append(told.exc_value)
        else:
            self._before(told)


def heard() -> Heard:
    """A block in which functions are called by their address, and heard of."""
    return Heard()
