"""The versions of a compiled function on disk, a file for each."""

import contextlib
import pickle
from collections.abc import Callable, Iterator
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from numba.core import compiler, serialize, types
from numba.core.runtime.nrt import rtsys

from bankside.arch.jit.apart import Links, link, links
from bankside.arch.jit.callers import Caller, asked
from bankside.arch.jit.locks import Locks
from bankside.arch.jit.names import name_of
from bankside.arch.jit.native import Head
from bankside.arch.jit.sealed import read, write

SUFFIX: Final = ".code"
_dumps: Callable[[Any], bytes] = serialize.dumps  # as pickle, for the environments of compiled functions too
_rebuild: Callable[..., Any] = compiler.CompileResult._rebuild
_FILES: Final[dict[str, str]] = {}
"""Names of the files of functions that this process has written or read, by symbol."""


class Codes:
    """The versions of one function, one for a signature and processor, as numba's dispatcher asks for them.

    Parameters
    ----------
    function
        What is compiled; its source is part of the folder's name.
    folder
        Where files are; private to the user, so that unpickling what agrees with its digest is safe.
    locks
        Held by a name while its file is missing and being made.
    """

    def __init__(self, function: Callable[..., Any], folder: Path, locks: Locks) -> None:
        self.name = name_of(function)
        self.stem = function.__name__
        self.folder = folder
        self.locks = locks
        self.held: list[str] = []
        self.kept: dict[tuple[Any, Caller], str] = {}

    @property
    def cache_path(self) -> str:
        """Where numba's statistics say that code is kept."""
        return str(self.folder)

    def flush(self) -> None:
        """Forget nothing: what is in the folder agrees with the sources."""

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The compiled function from its file, or None: then this process is the one that makes it.

        Waits while another process makes it, so that cold processes compile each function once.
        """
        rtsys.initialize(
            target
        )  # what compiled code calls; what numba compiles with is loaded by its compiler
        path = self._path(signature, target.codegen())
        loaded = self._rebuilt(path, target)
        if loaded is None and self.locks.acquire(path.name):
            self.held.append(path.name)
            loaded = self._rebuilt(path, target)
        if loaded is not None:
            self._keep(signature, loaded, path)
        return loaded

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep what was compiled, unless it holds addresses of this process."""
        if result.lifted or result.library.has_dynamic_globals:
            return
        said, path = links(result), self._path(signature, result.codegen)
        rest = _dumps(said) + _dumps(result._reduce())
        if write(path, pickle.dumps(_head(result, said, rest, asked().caller)) + rest):
            self._keep(signature, result, path)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Give back what `load_overload` took meanwhile, also when compiling fails."""
        before = len(self.held)
        try:
            yield
        finally:
            while len(self.held) > before:
                self.locks.release(self.held.pop())

    def _keep(self, signature: Any, result: Any, path: Path) -> None:
        _FILES[result.fndesc.llvm_func_name] = path.name
        self.kept[signature, asked().caller] = path.name

    def _path(self, signature: Any, codegen: Any) -> Path:
        key = f"{self.name} {signature!r} {codegen.magic_tuple()!r} {asked().caller.name}"
        return self.folder / f"{self.stem}.{blake2b(key.encode(), digest_size=12).hexdigest()}{SUFFIX}"

    @staticmethod
    def _rebuilt(path: Path, target: Any) -> Any:
        body = read(path)
        if body is None:
            return None
        stream = BytesIO(body)
        pickle.load(stream)  # the head is for those that load it without numba
        if not link(pickle.load(stream), target):
            return None
        return _rebuild(target, *pickle.load(stream))


def _head(result: Any, said: Links, rest: bytes, caller: Caller) -> Head:
    """What those have to know that load code without numba; `rest`: what follows."""
    function, module = result.fndesc, result.library._final_module
    code = result.library._get_compiled_object()
    needs = tuple((_FILES.get(each.symbol, ""), each.symbol) for each in said.needs)
    start = rest.find(code)
    whole = start >= 0 and all(name for name, _ in needs)
    entry = {
        Caller.PYTHON: function.llvm_cpython_wrapper_name,
        Caller.ADDRESS: function.llvm_cfunc_wrapper_name,
    }
    by_itself = caller != Caller.PYTHON or (_plain(function.restype) and all(map(_taken, function.argtypes)))
    known = {symbol for _, symbol in needs}
    parts = module.functions, module.global_variables
    asks = {each.name for part in parts for each in part if each.is_declaration}
    return Head(
        function.llvm_func_name,
        entry.get(caller, "") if by_itself else "",
        function.env_name if caller == Caller.PYTHON else "",
        needs,
        tuple(sorted(name for name in asks - known if not name.startswith("llvm."))),
        start,
        len(code) if whole else 0,
    )


def _taken(kind: Any) -> bool:
    """Whether values of a numba type come from Python without anything that numba keeps for them."""
    if _is_tuple(kind):
        return all(map(_taken, kind))
    return isinstance(kind, types.Array | types.Record) or _plain(kind)


def _plain(kind: Any) -> bool:
    """Whether they go back to it, too."""
    if _is_tuple(kind):
        return all(map(_plain, kind))
    return isinstance(kind, types.Integer | types.Float | types.Boolean | types.NoneType)


def _is_tuple(kind: Any) -> bool:
    return isinstance(kind, types.BaseTuple) and not isinstance(kind, types.BaseNamedTuple)
