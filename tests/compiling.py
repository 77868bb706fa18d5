"""What is compiled, told by numba itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core import event


class _Listener(event.Listener):  # type: ignore[misc]
    def __init__(self, names: list[str]) -> None:
        self._names = names

    def on_start(self, told: Any) -> None:
        function = told.data["dispatcher"].py_func
        if not function.__module__.startswith("numba."):
            self._names.append(function.__name__)

    def on_end(self, told: Any) -> None:
        pass


@contextmanager
def compiling() -> Iterator[list[str]]:
    """Names of the functions that are compiled within; left out are those found in files, and parts of numba itself."""
    names: list[str] = []
    listener = _Listener(names)
    event.register("numba:compile", listener)
    try:
        yield names
    finally:
        event.unregister("numba:compile", listener)
