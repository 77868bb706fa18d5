"""A mixture of experts itself, token by token."""

import numpy as np
from numpy.typing import NDArray


def mixture(
    x: NDArray[np.float64],
    router: NDArray[np.float64],
    experts: list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]],
    per_token: int,
) -> NDArray[np.float64]:
    """Softmax over the chosen experts' scores, as Mixtral routes.

    Parameters
    ----------
    x
        Shape (tokens, hidden).
    router
        Shape (hidden, experts).
    experts
        Gate and up of shape (hidden, width) and down of shape (width, hidden), per expert.
    per_token
        Experts a token visits.

    Returns
    -------
    Shape (tokens, hidden).
    """
    scores = x @ router
    out = np.zeros_like(x)
    for token, row in enumerate(scores):
        chosen = np.argsort(-row, kind="stable")[:per_token]
        weights = np.exp(row[chosen] - row[chosen].max())
        for expert, weight in zip(chosen, weights / weights.sum(), strict=True):
            gate, up, down = experts[expert]
            g = x[token] @ gate
            out[token] += weight * ((g / (1.0 + np.exp(-g)) * (x[token] @ up)) @ down)
    return out
