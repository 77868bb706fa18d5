"""Functions too long to be inlined are compiled once: others call them where they are.

numba links the code of every callee, and of all that it calls, into each caller, and optimises and translates it there
again. LLVM inlines short functions only, so that copies of long ones are no faster; they are most of what compiling
costs. What is called where it is has to be there when its caller is loaded: files say what they need.
"""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple

import llvmlite.binding as llvm

from bankside.arch.jit.callers import Caller, asked, asked_by

LONG: Final = 300
"""Instructions of LLVM's. It inlines up to a cost of 250 at -O3, 5 for most instructions, less what is saved where
arguments are known (llvm/Analysis/InlineCost.h; read)."""

INSTRUCTION: Final = re.compile(r"^  [^ \]]", re.MULTILINE)
"""How a line of LLVM's text begins that is one; cases of a switch stand deeper, and its end is a bracket."""


class Place(NamedTuple):
    """A compiled function that others call where it is.

    Attributes
    ----------
    module, name : str
        Where the function stands.
    arguments : tuple
        numba types that it is compiled for.
    symbol : str
        What its code is called.
    caller : Caller
        For whom this version was compiled.
    """

    module: str
    name: str
    arguments: tuple[Any, ...]
    symbol: str
    caller: Caller


class Links(NamedTuple):
    """What a file of compiled code says of others.

    Attributes
    ----------
    needs : tuple of Place
        What is called where it is.
    own : Place or None
        Where the function itself is called, if it is set apart.
    defines : tuple of str
        Symbols that others find in it, if it is set apart.
    """

    needs: tuple[Place, ...]
    own: Place | None
    defines: tuple[str, ...]


_PLACES: Final[dict[str, Place]] = {}
"""By symbol: those of this process."""


def keep_apart(dispatcher: Any) -> None:
    """Have `dispatcher` set apart what it compiles, where that is long."""
    compiled: Callable[..., Any] = dispatcher._compiler.compile
    function = dispatcher.py_func

    def compile_apart(arguments: Any, returns: Any) -> Any:
        caller = asked().caller
        with asked_by(Caller.KERNEL):
            result = compiled(arguments, returns)
        if _is_long(result):
            library, symbol = result.library, result.fndesc.llvm_func_name
            empty = library._codegen._create_empty_module(library.name)
            library._shared_module = llvm.parse_assembly(str(empty))
            _PLACES[symbol] = Place(
                function.__module__, function.__qualname__, tuple(result.signature.args), symbol, caller
            )
        return result

    dispatcher._compiler.compile = compile_apart


def links(result: Any) -> Links:
    """What the file of a function that has just been compiled has to say."""
    module, own = result.library._final_module, _PLACES.get(result.fndesc.llvm_func_name)
    needs = [_PLACES[each.name] for each in module.functions if each.is_declaration and each.name in _PLACES]
    parts = (module.functions, module.global_variables) if own else ()
    return Links(
        tuple(needs), own, tuple(each.name for part in parts for each in part if not each.is_declaration)
    )


def link(found: Links, target: Any) -> bool:
    """Have all there that code from a file needs; False where some of that is not what it was compiled with."""
    for place in found.needs:
        if place.symbol not in _PLACES:
            with asked_by(place.caller, exactly=True):
                getattr(import_module(place.module), place.name).dispatcher.compile(place.arguments)
        if place.symbol not in _PLACES:
            return False
    if found.own:
        _PLACES[found.own.symbol] = found.own
        target.codegen()._engine._defined_symbols.update(found.defines)
    return True


def _is_long(result: Any) -> bool:
    """Whether the function itself, with what has been inlined into it, is longer than LONG, by its text: asked for one
    by one, instructions take as long as some passes."""
    function = result.library.get_function(result.fndesc.llvm_func_name)
    return len(INSTRUCTION.findall(str(function))) > LONG
