"""Bankside: cycle-approximate models of computing in, near and away from DRAM.

import bankside as bs
bs.simulate(bs.kernel("gemv", m=4096, k=4096), bs.machine("hybrid-3d"))
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bankside.api.kernels import kernel
    from bankside.api.machines import machine
    from bankside.api.results import Result, simulate
    from bankside.arch.spec import ConfigError
    from bankside.arch.version import __version__

__all__ = ["ConfigError", "Result", "__version__", "kernel", "machine", "simulate"]
_HERE = Path(__file__).resolve().parent
if not (_HERE / "arch").is_dir():
    # A checkout without link support: the four folders are found at the repository's root.
    __path__.append(str(_HERE.parents[1]))

_PUBLIC = {
    "__version__": ("bankside.arch.version", "__version__"),
    "kernel": ("bankside.api.kernels", "kernel"),
    "machine": ("bankside.api.machines", "machine"),
    "simulate": ("bankside.api.results", "simulate"),
    "Result": ("bankside.api.results", "Result"),
    "ConfigError": ("bankside.arch.spec", "ConfigError"),
}


def __getattr__(name: str) -> Any:
    """Import what a public name stands for when it is first used: `import bankside` compiles nothing."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'bankside' has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
