"""What compiled code calls, without the compiler that made it.

numba takes a quarter of a second to import, most of it for its compiler. The code that it has made needs two of its
extension modules only, and LLVM to load it.
"""

import builtins
import sys
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any, Final

import llvmlite.binding as llvm

HELPERS: Final = "numba._helperlib"
MEMORY: Final = "numba.core.runtime._nrt_python"


def make_known() -> None:
    """Tell LLVM where what compiled code calls is, as numba tells it.

    Raises
    ------
    ImportError
        Where this version of numba has no such modules.
    """
    helpers, memory = _extension(HELPERS), _extension(MEMORY)
    llvm.add_symbol("_Py_NoneStruct", id(None))
    for name, address in helpers.c_helpers.items():
        llvm.add_symbol(f"numba_{name}", address)
    for name, address in memory.c_helpers.items():
        llvm.add_symbol(name if name.startswith("_") else f"NRT_{name}", address)
    for each in vars(builtins).values():
        if isinstance(each, type) and issubclass(each, BaseException):
            llvm.add_symbol(f"PyExc_{each.__name__}", id(each))
    memory.memsys_use_cpython_allocator()


def _extension(name: str) -> Any:
    """One of numba's extension modules, without the packages that it stands in; numba finds it there later."""
    if name in sys.modules:
        return sys.modules[name]
    package = find_spec("numba")
    if package is None or not package.submodule_search_locations:
        raise ImportError("There is no numba.", name=name)
    _, *below, _ = name.split(".")
    spec = PathFinder.find_spec(name, [str(Path(package.submodule_search_locations[0], *below))])
    if spec is None or spec.loader is None:
        raise ImportError(f"numba has no {name}.", name=name)
    sys.modules[name] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
