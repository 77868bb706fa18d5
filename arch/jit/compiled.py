"""How numba is told to compile."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numba
from numba.core import event, sigutils, types
from numba.core.compiler_lock import global_compiler_lock
from numba.core.types.function_type import CompileResultWAP

from bankside.arch.jit.apart import keep_apart
from bankside.arch.jit.callers import Caller, asked, asked_by, ways_in
from bankside.arch.jit.codes import Codes
from bankside.arch.jit.indices import count_from
from bankside.arch.jit.locks import Locks
from bankside.arch.jit.operators import operators_known

normalized: Callable[[Any], tuple[Any, Any]] = sigutils.normalize_signature


def dispatcher_of(
    function: Callable[..., Any], folder: Path | None, options: dict[str, Any], start_only: bool
) -> Any:
    """numba's door to `function`, which keeps what it compiles in files of `folder`."""
    dispatcher: Any = numba.njit(error_model="python", **options)(function)
    _by_type(dispatcher)
    if "forceinline" not in options:
        keep_apart(dispatcher)
    count_from(dispatcher, start_only)
    if folder is not None:
        _cached(dispatcher, Codes(function, folder, Locks.of(folder)))
    return dispatcher


def compile_for(dispatcher: Any, arguments: tuple[Any, ...]) -> str | None:
    """Have a version that Python can call with `arguments`; the file that holds it."""
    kinds = tuple(dispatcher.typeof_pyval(each) for each in arguments)
    dispatcher.compile(kinds)
    return _name(dispatcher, kinds, Caller.PYTHON)


def address_of(dispatcher: Any, signature: str) -> tuple[int, str | None]:
    """Where a version that C can call begins, and the file that holds it.

    Raises
    ------
    TypeError
        If it returns something else than the signature says.
    """
    arguments, returns = normalized(signature)
    with asked_by(Caller.ADDRESS):
        dispatcher.compile(arguments)
        found = dispatcher.overloads[arguments]
    if found.signature.return_type != returns:
        raise TypeError(f"{dispatcher.__name__} returns {found.signature.return_type}, not {returns}.")
    way_in = cast(Any, CompileResultWAP(found))
    return way_in.address, _name(dispatcher, arguments, Caller.ADDRESS)


def _name(dispatcher: Any, arguments: Any, caller: Caller) -> str | None:
    codes = dispatcher._cache
    return codes.kept.get((arguments, caller)) if isinstance(codes, Codes) else None


def _by_type(dispatcher: Any) -> None:
    """One version for a type: numba would compile a callee anew for every constant argument."""
    template = dispatcher.get_call_template
    unliteral: Callable[[Any], Any] = types.unliteral

    def by_type(args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        plain = tuple(unliteral(argument) for argument in args)
        return template(plain, {name: unliteral(value) for name, value in keywords.items()})

    dispatcher.get_call_template = by_type


def _cached(dispatcher: Any, codes: Codes) -> None:
    """Have `dispatcher` compile for who asks, and keep what it compiles in files.

    It is shown versions for Python alone: one without a way in for Python must not be called from there."""
    made_for: dict[Any, Caller] = {}

    def compile_or_load(signature: Any) -> Any:
        with global_compiler_lock, _uncollected(), operators_known(), codes.turn():
            arguments, returns = normalized(signature)
            wanted = asked()
            if not wanted.served_by(made_for.get(arguments)):
                result = codes.load_overload(arguments, dispatcher.targetctx)
                if result is None:
                    dispatcher._compiler.targetoptions.update(ways_in(wanted.caller))
                    data = {"dispatcher": dispatcher, "args": arguments, "return_type": returns}
                    with event.trigger_event("numba:compile", data=data):
                        result = dispatcher._compiler.compile(arguments, returns)
                    codes.save_overload(arguments, result)
                else:
                    dispatcher._cache_hits[arguments] += 1
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


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave garbage until the end: numba makes little that counting does not free, and looking for it takes a tenth of
    the time of compiling. It is left to Python's next look at all there is."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()  # what is frozen comes back as old
            gc.enable()
