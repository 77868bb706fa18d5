"""Whether an index may count from the end of an array.

numba tests every index for being negative, and adds the length if it is. Where hundreds of fields of one array are read
for each flit that moves, that is a third of the time.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

INTERNAL = "fix_integer_index"
"""What numba makes an index of an array with; where a version of it has no such function, every index is tested."""


def count_from(dispatcher: Any, start_only: bool) -> None:
    """Have `dispatcher` compile indices that count from the start alone, or, as Python has it, from the end too.

    What it calls is compiled meanwhile, as that says itself.
    """
    compiled: Callable[..., Any] = dispatcher._compiler.compile

    def compile_so(arguments: Any, returns: Any) -> Any:
        with _from_start() if start_only else _from_either_end():
            return compiled(arguments, returns)

    dispatcher._compiler.compile = compile_so


_tested: list[Any] = []
"""numba's own function, once it has been replaced."""


@contextlib.contextmanager
def _from_start() -> Iterator[None]:
    with _made_by(_untested):
        yield


@contextlib.contextmanager
def _from_either_end() -> Iterator[None]:
    with _made_by(_tested[0]) if _tested else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _made_by(function: Any) -> Iterator[None]:
    from numba.np import arrayobj

    before = getattr(arrayobj, INTERNAL, None)
    if before is None:
        yield
        return
    if not _tested:
        _tested.append(before)
    setattr(arrayobj, INTERNAL, function)
    try:
        yield
    finally:
        setattr(arrayobj, INTERNAL, before)


def _untested(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
    from numba.core import types

    return context.cast(builder, index, kind, types.intp)
