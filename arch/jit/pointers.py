"""Compiled functions as values: a kernel calls them without being compiled anew for each."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from numba.core import cgutils, types
from numba.core.types.function_type import CompileResultWAP
from numba.extending import intrinsic

from bankside.arch.jit.callers import Caller, asked_by
from bankside.arch.jit.kernels import INTERPRETED


def address(function: Callable[..., Any], signature: Any) -> Any:
    """Where `function`, compiled for `signature`, begins; interpreted, the function itself. See `function_at`.

    It may stand in any module, and a kernel that calls it by its address is not compiled anew for it. What it raises
    does not stop that kernel, see `heard`.

    Raises
    ------
    TypeError
        If it returns something else than the signature says.
    """
    dispatcher: Any = function
    if not hasattr(dispatcher, "get_call_template"):
        return function
    with asked_by(Caller.ADDRESS):
        dispatcher.compile(signature.args)
        found = dispatcher.overloads[signature.args]
    if found.signature.return_type != signature.return_type:
        raise TypeError(
            f"{dispatcher.__name__} returns {found.signature.return_type}, not {signature.return_type}."
        )
    return cast(Any, CompileResultWAP(found)).address


def function_at(signature: Any) -> Callable[[Any], Any]:
    """What turns an `address` into a function of this signature, inside a kernel.

    Numba's own functions as arguments are typed anew at each call of the kernel, which takes longer than many programs.
    """
    if INTERPRETED:
        return lambda function: function
    kind = types.FunctionType(signature)

    def typed(context: Any, number: Any) -> Any:
        def lower(target: Any, builder: Any, _: Any, arguments: Any) -> Any:
            value = cgutils.create_struct_proxy(kind)(target, builder)  # type: ignore[no-untyped-call]
            value.c_addr = builder.inttoptr(arguments[0], cgutils.voidptr_t)
            return value._getvalue()

        return kind(types.int64), lower

    return cast(Callable[[Any], Any], intrinsic(typed))


@contextmanager
def heard() -> Iterator[None]:
    """Raise, behind the block, the first exception of functions that were called by their address within.

    Compiled, such a call goes on with a result of 0 where one is raised; Numba names its context to the hook of
    exceptions that nobody can catch, and says no more.
    """
    before, raised = sys.unraisablehook, list[BaseException]()

    def hook(told: Any) -> None:
        if isinstance(told.object, str) and isinstance(told.exc_value, BaseException):
            raised.append(told.exc_value)
        else:
            before(told)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
    if raised:
        raise raised[0]
