"""A compiled function as Python calls it."""

from collections.abc import Callable
from ctypes import PYFUNCTYPE, c_void_p, py_object
from functools import cached_property, update_wrapper
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np

from bankside.arch.jit.folder import FOLDER
from bankside.arch.jit.names import stands_on
from bankside.arch.jit.native import LOADER, processor
from bankside.arch.jit.sealed import read, write

SUFFIX: Final = ".way"
CONTIGUOUS, FORTRAN, ALIGNED, WRITEABLE = 0x1, 0x2, 0x100, 0x400  # numpy's NPY_ARRAY_* flags
TOLD: Final = CONTIGUOUS | FORTRAN | ALIGNED | WRITEABLE

_Way = Callable[[None, tuple[Any, ...], None], Any]
_called = PYFUNCTYPE(py_object, py_object, py_object, c_void_p)


def kind_of(argument: Any) -> Any:
    """What a version is compiled for: the type, of an array with its layout, of a tuple with what is in it."""
    kind = type(argument)
    if kind is np.ndarray:
        return argument.dtype, argument.ndim, argument.flags.num & TOLD
    if kind is tuple:
        return kinds_of(argument)
    return (kind, argument.dtype) if kind is np.void else kind


def kinds_of(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The kind of each, of arrays without a call."""
    return tuple(
        [
            (each.dtype, each.ndim, each.flags.num & TOLD) if type(each) is np.ndarray else kind_of(each)
            for each in arguments
        ]
    )


def _written(kind: Any) -> str:
    """A kind in words that are the same in each process."""
    if isinstance(kind, tuple):
        return f"({','.join(map(_written, kind))})"
    if isinstance(kind, np.dtype):
        return f"{kind.descr!r} {kind.itemsize} {kind.isalignedstruct}"
    return f"{kind.__module__}.{kind.__qualname__}" if isinstance(kind, type) else repr(kind)


class Door:
    """A function that is compiled when it is first called, a version for each kind of arguments.

    Its code is loaded from files where they have it; else numba compiles it, and what it has written is loaded. Only
    what cannot be written, or takes numba to load, is called through numba.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any], start_only: bool) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self._opened = 0
        self._made_by = options, start_only
        self._count = function.__code__.co_argcount
        self._ways: dict[Any, _Way] = {}

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        if keywords or len(arguments) != self._count:
            arguments = self._in_order(arguments, keywords)
        kinds = kinds_of(arguments)
        way = self._ways.get(kinds)
        if way is None:
            way = self._ways[kinds] = self._way(kinds, arguments)
        return way(None, arguments, None)

    def __reduce__(self) -> str:
        return self.py_func.__qualname__

    @cached_property
    def dispatcher(self) -> Any:
        """numba's, which compiles."""
        from bankside.arch.jit.compiled import dispatcher_of

        return dispatcher_of(self.py_func, self.folder, *self._made_by)

    @property
    def loaded(self) -> int:
        """How many versions this process has found in files."""
        made = self.__dict__.get("dispatcher")
        return self._opened + (0 if made is None else sum(made._cache_hits.values()))

    @property
    def _numba_type_(self) -> Any:
        """To kernels that call it, it is its dispatcher."""
        return self.dispatcher._numba_type_

    @cached_property
    def folder(self) -> Path | None:
        """Where its code is kept; none where that would not be found stale, or it holds values of a call."""
        function = self.py_func
        known = function.__closure__ is None and stands_on(function.__code__.co_filename) is not None
        return FOLDER if known else None

    def address(self, signature: str) -> int:
        """Where a version for a signature begins, to be called by C.

        Raises
        ------
        TypeError
            If it returns something else than the signature says.
        """
        found = self._found(f"address {signature}")
        if found is not None:
            return found
        from bankside.arch.jit.compiled import address_of

        address, name = address_of(self.dispatcher, signature)
        return self._kept(f"address {signature}", name) or address

    def _in_order(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
        import inspect

        bound = inspect.signature(self.py_func).bind(*arguments, **keywords)
        bound.apply_defaults()
        return bound.args

    def _way(self, kinds: tuple[Any, ...], arguments: tuple[Any, ...]) -> _Way:
        said = f"call {_written(kinds)}"
        found = self._found(said)
        if found is None:
            from bankside.arch.jit.compiled import compile_for

            dispatcher = self.dispatcher
            found = self._kept(said, compile_for(dispatcher, arguments))
            if found is None:
                return lambda _, given, __: dispatcher(*given)
        return _called(found)

    def _found(self, said: str) -> int | None:
        """The way in of a version that files have."""
        if self.folder is None:
            return None
        name = read(self._note(self.folder, said))
        found = None if name is None else LOADER.entry(self.folder, name.decode())
        self._opened += found is not None
        return found

    def _kept(self, said: str, name: str | None) -> int | None:
        """The way in of a version that has been written under a name just now, which is noted."""
        if self.folder is None or name is None:
            return None
        write(self._note(self.folder, said), name.encode())
        return LOADER.entry(self.folder, name)

    def _note(self, folder: Path, said: str) -> Path:
        """The file that says in which file a version is."""
        function = self.py_func
        key = f"{function.__module__}.{function.__qualname__}:{function.__code__.co_firstlineno} {said} {processor()}"
        return folder / f"{function.__name__}.{blake2b(key.encode(), digest_size=12).hexdigest()}{SUFFIX}"
