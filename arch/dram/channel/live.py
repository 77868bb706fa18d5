"""What of a channel's state commands look at: places of times that rules set, and activations that windows remember."""

from typing import Any

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.device.commands import N_COMMAND
from bankside.arch.jit import kernel

Int64s = npt.NDArray[np.int64]


def live_places(std: Any) -> Int64s:
    """Places of `next` that rules set and commands look at: node * N_COMMAND + class."""
    path, found = std["path"][: int(std["banks"])], []
    for klass in sorted(set(std["klass"].tolist())):
        for level in std["look"][klass, : int(std["look_count"][klass])]:
            found.append(np.unique(path[:, level]) * N_COMMAND + klass)
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])


def ring_words(std: Any) -> int:
    """Activations that windows remember."""
    return sum(int(std["window_count"][w]) * window_nodes(std, w) for w in range(int(std["n_window"])))


@kernel
def window_nodes(std: Any, w: int) -> int:
    """Nodes whose activations a window counts, each by itself."""
    level = std["window_level"][w]
    return int(std["path"][std["banks"] - 1, level] - std["path"][0, level] + 1)
