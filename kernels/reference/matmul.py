"""Matrix products themselves."""

import numpy as np
from numpy.typing import NDArray

from bankside.kernels.operators import Windows


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


def windows(images: NDArray[np.float64], of: Windows) -> NDArray[np.float64]:
    """Windows of images of shape (batch, height, width, channels): (batch, rows, depth), pixels before channels."""
    around = (0, 0), (of.padding, of.padding), (of.padding, of.padding), (0, 0)
    view = np.lib.stride_tricks.sliding_window_view(np.pad(images, around), (of.size, of.size), axis=(1, 2))
    taken = view[:, :: of.stride, :: of.stride].transpose(0, 1, 2, 4, 5, 3)
    return np.asarray(taken.reshape(len(images), of.rows, of.depth))
