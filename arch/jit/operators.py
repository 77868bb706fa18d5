"""What an operator makes of numbers is found out once.

numba tries all that is known of an operator at every use of it, and again whenever a type nearby becomes known: a tenth
of the time of compiling. What becomes of numbers follows from their types alone.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Final

INTERNAL = "get_call_type"
"""What numba finds with; where a version of it has no such method, all is found out each time."""

FOUND: Final = "_impl_keys"
"""Where it notes, beside what it answers, which code does that."""

_known: Final[dict[Any, tuple[Any, Any, Any]]] = {}
"""By the operator as numba has it: that itself, so that it stays what it is, what it answers and its code."""


@contextlib.contextmanager
def operators_known() -> Iterator[None]:
    """Have numba ask once for each operator and types of numbers, in this block; under its lock."""
    from numba.core.types.functions import BaseFunction

    asked = vars(BaseFunction).get(INTERNAL)
    if asked is None or getattr(asked, "asks_once", False):
        yield
        return
    setattr(BaseFunction, INTERNAL, _remembering(asked))
    try:
        yield
    finally:
        setattr(BaseFunction, INTERNAL, asked)


def _remembering(asked: Callable[..., Any]) -> Callable[..., Any]:
    from numba.core.types import Boolean, BooleanLiteral, Float, Function, Integer, IntegerLiteral

    numbers = {Boolean, BooleanLiteral, Float, Integer, IntegerLiteral}

    def known(self: Any, context: Any, arguments: Any, keywords: Any) -> Any:
        makes = type(self) is Function and _is_operator(self.typing_key) and hasattr(self, FOUND)
        if keywords or not makes or not numbers.issuperset(map(type, arguments)):
            return asked(self, context, arguments, keywords)
        key = id(self), context, tuple(arguments)
        if key not in _known:
            found = asked(self, context, arguments, keywords)
            _known[key] = self, found, getattr(self, FOUND)[found.args]
        _, found, code = _known[key]
        getattr(self, FOUND)[found.args] = code
        return found

    known.asks_once = True  # type: ignore[attr-defined]
    return known


def _is_operator(function: Any) -> bool:
    return function is bool or getattr(function, "__module__", "") == "_operator"
