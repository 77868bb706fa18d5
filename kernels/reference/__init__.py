"""What the kernels compute, in plain numpy for small shapes.

Apart from the kernels, as naming one should not wait for numpy.
"""

from bankside.kernels.reference.attention import attention
from bankside.kernels.reference.matmul import batched_gemm, gemv
from bankside.kernels.reference.moe import mixture
from bankside.kernels.reference.operators import compute
from bankside.kernels.reference.rowwise import rowwise
from bankside.kernels.reference.state_step import state_step

__all__ = ["attention", "batched_gemm", "compute", "gemv", "mixture", "rowwise", "state_step"]
