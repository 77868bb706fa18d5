"""Compiled functions as values: a kernel calls them without being compiled anew for each."""

from collections.abc import Callable
from typing import Any, cast

from numba.core import cgutils, types
from numba.core.types.function_type import CompileResultWAP
from numba.extending import intrinsic

from bankside.arch.jit.callers import Caller, asked_by
from bankside.arch.jit.kernels import INTERPRETED


def address(function: Callable[..., Any], signature: Any) -> Any:
    """Where `function`, compiled for `signature`, begins; interpreted, the function itself. See `function_at`.

    It may stand in any module, and a kernel that calls it by its address is not compiled anew for it. What it raises
    is lost on the way: it has to return all it has to say.

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
