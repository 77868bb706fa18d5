"""Compiled code from files, loaded by LLVM alone: numba is imported only when something has to be compiled."""

import ctypes
import pickle
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import RLock
from typing import Any, Final, NamedTuple

from bankside.arch.jit.sealed import read


class Head(NamedTuple):
    """How a file of compiled code begins.

    Attributes
    ----------
    symbol : str
        What others call the function by.
    entry : str
        What Python, or C, calls; empty where nothing but kernels does, or it takes more than LLVM to load it.
    environment : str
        A pointer that the way in for Python wants to be something, though it never looks where it leads.
    needs : tuple of (str, str)
        Files, and symbols in them, of functions that it calls where they are.
    asks : tuple of str
        Other symbols.
    start, size : int
        Where in what follows the code itself is [byte]; no size: it cannot be loaded by itself.
    """

    symbol: str
    entry: str
    environment: str
    needs: tuple[tuple[str, str], ...]
    asks: tuple[str, ...]
    start: int
    size: int


Part = tuple[Head, bytes]
LOCK: Final = RLock()
"""Held while code is loaded."""


def part(path: Path) -> Part | None:
    """The head and the code of a file; None where it is not sound or its code cannot be loaded by itself."""
    body = read(path)
    if body is None:
        return None
    stream = BytesIO(body)
    head: Head = pickle.load(stream)
    begin = stream.tell() + head.start
    return (head, body[begin : begin + head.size]) if head.size else None


class Loader:
    """The code that this process has loaded."""

    def __init__(self) -> None:
        self._engine: Any = None
        self._loaded: dict[str, Head] = {}

    def entry(self, folder: Path, name: str) -> int | None:
        """Where the way into a file's function is, with all there that it calls; None where that cannot be had."""
        with LOCK:
            if name in self._loaded:
                return self._address(self._loaded[name])
            parts = self._missing(folder, name)
            if not parts or not parts[name][0].entry or not self._ready(parts):
                return None
            self._load(parts)
            return self._address(parts[name][0])

    def _missing(self, folder: Path, name: str) -> dict[str, Part] | None:
        """What is to be loaded for a file, by name; None where some of it is not what its callers know."""
        found: dict[str, Part] = {}
        wanted = [(name, "")]
        while wanted:
            name, symbol = wanted.pop()
            head = self._loaded.get(name)
            if head is None and name in found:
                head = found[name][0]
            if head is None:
                new = part(folder / name)
                if new is None:
                    return None
                found[name], head = new, new[0]
                wanted += head.needs
            if symbol and head.symbol != symbol:
                return None
        return found

    def _ready(self, parts: dict[str, Part]) -> bool:
        """Whether there is an engine, and all that it would have to find by itself."""
        import llvmlite.binding as llvm

        if self._engine is None:
            try:
                self._engine = _engine()
            except (ImportError, AttributeError):  # another numba than we know
                return False
        asked = {symbol for head, _ in parts.values() for symbol in head.asks}
        return all(llvm.address_of_symbol(symbol) is not None for symbol in asked)

    def _load(self, parts: dict[str, Part]) -> None:
        import llvmlite.binding as llvm

        for _, code in parts.values():
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        for name, (head, _) in parts.items():
            self._loaded[name] = head
            if head.environment:
                place = self._engine.get_global_value_address(head.environment)
                ctypes.c_void_p.from_address(place).value = id(self)

    def _address(self, head: Head) -> int | None:
        return int(self._engine.get_function_address(head.entry)) if head.entry else None


LOADER: Final = Loader()


def _engine() -> Any:
    """LLVM's, set up as numba sets up its own."""
    import llvmlite.binding as llvm

    from bankside.arch.jit.runtime import make_known

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    make_known()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    model = "static" if target.name.startswith("x86") else "default"
    machine = target.create_target_machine(reloc=model, codemodel="jitdefault", jit=True)
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)


@cache
def processor() -> str:
    """For what code is compiled here."""
    import llvmlite.binding as llvm

    return f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"
