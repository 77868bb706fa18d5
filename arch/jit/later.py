"""What numba makes for kernels, made when one that uses it is compiled."""

from collections.abc import Callable
from functools import cached_property
from typing import Any


class Later:
    """Stands in a module for what `make` returns; numba takes it for that."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def _numba_type_(self) -> Any:
        from numba.core.registry import cpu_target

        context = cpu_target.typing_context
        made = self._make()
        context.refresh()  # a kernel is being compiled: what is known by now does not hold this
        return context.resolve_value_type(made)
