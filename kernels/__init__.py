"""The work that runs on the hardware: GEMV, GEMM, attention and whole layers of real models."""

if not __name__.startswith("bankside."):
    raise ImportError("This folder is imported as bankside.kernels, not as kernels.")
