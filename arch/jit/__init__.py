"""The one place that compiles, and the one cache of what was compiled.

`kernel` (and `hot_kernel`, `flat_kernel`, `inner_kernel`) is the only way to numba in this package: it sets its flags
and gives every compiled function a cache that cannot be stale (`folder`), whose files are checked before they are used
(`sealed`) and which processes that start together fill together (`locks`). numba is imported when something has to be
compiled (`compiled`); what was compiled before is loaded without it (`door`, `native`)."""

from bankside.arch.jit.bits import lowest
from bankside.arch.jit.copies import copy_into
from bankside.arch.jit.folder import FOLDER, cache_folder, cache_home, running_digest, source_digest
from bankside.arch.jit.kernels import flat_kernel, hot_kernel, inner_kernel, kernel, nothing_kept
from bankside.arch.jit.pointers import address, function_at, heard

__all__ = [
    "FOLDER",
    "address",
    "cache_folder",
    "cache_home",
    "copy_into",
    "flat_kernel",
    "function_at",
    "heard",
    "hot_kernel",
    "inner_kernel",
    "kernel",
    "lowest",
    "nothing_kept",
    "running_digest",
    "source_digest",
]
