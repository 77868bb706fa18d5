"""Matrix products themselves."""

import numpy as np
from numpy.typing import NDArray


def batched_gemm(a: NDArray[np.float64], b: NDArray[np.float64], shared_b: int = 1) -> NDArray[np.float64]:
    """The products themselves.

    Parameters
    ----------
    a
        Shape (batch, m, k).
    b
        Shape (batch / shared_b, k, n).
    shared_b
        Consecutive products that read one b.

    Returns
    -------
    Shape (batch, m, n).
    """
    return np.asarray(np.einsum("bmk,bkn->bmn", a, np.repeat(b, shared_b, axis=0)))


def gemv(w: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """y of shape (batch, M) from W of shape (M, K) and x of shape (batch, K)."""
    return np.asarray(np.einsum("mk,bk->bm", w, x))
