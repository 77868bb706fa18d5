"""Recurrences themselves, token by token."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def state_step(
    state: Array, q: Array, k: Array, v: Array, decay: Array, rate: Array | None = None
) -> tuple[Array, Array]:
    """One token on one state.

    Parameters
    ----------
    state
        Shape (d_k, d_v).
    q, k, v
        Shapes (d_k,), (d_k,), (d_v,).
    decay
        One for all, (d_k, 1) for each row, or (d_k, d_v) for each element.
    rate
        Of a delta rule; None for sums.

    Returns
    -------
    The result of shape (d_v,), and the next state.
    """
    state = decay * state
    added = v if rate is None else rate * (v - k @ state)
    state = state + np.outer(k, added)
    return q @ state, state
