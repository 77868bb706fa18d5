"""Compiled functions on disk: a file for each, checked before anything of it is used.

numba's own files are trusted as they are: a flipped bit in one is executed. Here a file begins with a digest
of its name and of what follows; where that does not agree, the function is compiled again and the file replaced.
"""

import contextlib
import os
import pickle
from collections.abc import Callable, Iterator
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from numba.core import compiler, serialize
from numba.core.runtime.nrt import rtsys

from bankside.arch.jit.apart import link, links
from bankside.arch.jit.callers import asked
from bankside.arch.jit.locks import Locks

SUFFIX: Final = ".code"
DIGEST_BYTES: Final = 32
_dumps: Callable[[Any], bytes] = serialize.dumps  # as pickle, for the environments of compiled functions too
_rebuild: Callable[..., Any] = compiler.CompileResult._rebuild


def seal(name: str, body: bytes) -> bytes:
    """Digest [DIGEST_BYTES] of a file's name and body: a whole file under another's name is bad too."""
    digest = blake2b(name.encode() + b"\n", digest_size=DIGEST_BYTES)
    digest.update(body)
    return digest.digest()


def read(path: Path) -> bytes | None:
    """The body of a sealed file; None where there is none, or it is not what was written."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body = data[DIGEST_BYTES:]
    return body if data[:DIGEST_BYTES] == seal(path.name, body) else None


def write(path: Path, body: bytes) -> None:
    """Replace the sealed file whole; where that fails (a full disk, say) there is none, and nothing is left."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(seal(path.name, body) + body)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()


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
        code = function.__code__
        self.name = f"{function.__module__}.{function.__qualname__}:{code.co_firstlineno}"
        self.stem = function.__name__
        self.folder = folder
        self.locks = locks
        self.held: list[str] = []

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
        return loaded

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep what was compiled, unless it holds addresses of this process."""
        if not result.lifted and not result.library.has_dynamic_globals:
            body = _dumps(links(result)) + _dumps(result._reduce())
            write(self._path(signature, result.codegen), body)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Give back what `load_overload` took meanwhile, also when compiling fails."""
        before = len(self.held)
        try:
            yield
        finally:
            while len(self.held) > before:
                self.locks.release(self.held.pop())

    def _path(self, signature: Any, codegen: Any) -> Path:
        key = f"{self.name} {signature!r} {codegen.magic_tuple()!r} {asked().caller.name}"
        return self.folder / f"{self.stem}.{blake2b(key.encode(), digest_size=12).hexdigest()}{SUFFIX}"

    @staticmethod
    def _rebuilt(path: Path, target: Any) -> Any:
        body = read(path)
        if body is None:
            return None
        stream = BytesIO(body)
        if not link(pickle.load(stream), target):
            return None
        return _rebuild(target, *pickle.load(stream))
