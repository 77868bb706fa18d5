"""What the kernels compute, in plain numpy for small shapes; apart from them, as naming a kernel needs no numpy."""

from bankside.kernels.reference.attention import attention
from bankside.kernels.reference.matmul import batched_gemm, gemv
from bankside.kernels.reference.moe import mixture
from bankside.kernels.reference.rowwise import rowwise

__all__ = ["attention", "batched_gemm", "gemv", "mixture", "rowwise"]
