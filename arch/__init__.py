"""The hardware: specifications, timing units, energy and the engine. Knows nothing of kernels."""

if not __name__.startswith("bankside."):
    raise ImportError("This folder is imported as bankside.arch, not as arch.")
