"""What of a channel's state commands look at: places of times that rules set, activations that windows remember, and
which banks have been refreshed."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.banks.refresh import refreshed_banks
from bankside.arch.dram.device.commands import N_COMMAND
from bankside.arch.jit import flat_kernel

Int64s = npt.NDArray[np.int64]

PACKED: Final = 32
"""Banks of which one word tells whether they have been refreshed."""


def live_places(std: Any, commands: Sequence[int] = range(N_COMMAND)) -> Int64s:
    """Places of `next` that rules set and `commands` look at, those that are ever issued: node * N_COMMAND + class."""
    path, found = std["path"][: int(std["banks"])], []
    for klass in sorted(set(std["klass"][list(commands)].tolist())):
        for level in std["look"][klass, : int(std["look_count"][klass])]:
            found.append(np.unique(path[:, level]) * N_COMMAND + klass)
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])


def ring_words(std: Any) -> int:
    """Activations that windows remember."""
    return sum(int(std["window_count"][w]) * window_nodes(std, w) for w in range(int(std["n_window"])))


@flat_kernel
def window_nodes(std: Any, w: int) -> int:
    """Nodes whose activations a window counts, each by itself."""
    level = std["window_level"][w]
    return int(std["path"][std["banks"] - 1, level] - std["path"][0, level] + 1)


@flat_kernel
def refreshed_told(std: Any, st: Any, out: Any) -> None:
    """Write which banks have been refreshed in this turn to `out`, int64[words], PACKED a word."""
    n = refreshed_banks(std)
    for k in range(out.shape[0]):
        first, bits = k * PACKED, 0
        for bank in range(first, min(n, first + PACKED)):
            bits = 2 * bits + st["refreshed"][bank]
        out[k] = bits


@flat_kernel
def restore_refreshed(std: Any, st: Any, words: Any) -> None:
    """Let those banks be refreshed that words of `refreshed_told` say."""
    n = refreshed_banks(std)
    for k in range(words.shape[0]):
        first, bits = k * PACKED, words[k]
        for bank in range(min(n, first + PACKED) - 1, first - 1, -1):
            st["refreshed"][bank] = bits & 1
            bits >>= 1
