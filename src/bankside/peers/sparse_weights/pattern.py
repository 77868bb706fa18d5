"""Structured sparse weights: how long the reduction dimension stays, and what the indices of the survivors cost.

An n:m pattern keeps n of every m consecutive weights along the reduction dimension. The array then reduces over the
survivors only: every closed form holds with the compressed length, and each activation is picked by an index.
"""

from bankside.arch.jit import kernel
from bankside.arch.pe.lanes.cycles import tree_depth
from bankside.arch.pe.systolic.fold import ceil_div


@kernel
def compressed_length(k: int, keep: int, group: int) -> int:
    """Survivors of `k` weights under a keep:group pattern: floor(k/m) n + min(k mod m, n)."""
    return (k // group) * keep + min(k % group, keep)


@kernel
def index_bits(group: int) -> int:
    """Bits that name one position of a group: ceil(log2 group)."""
    return tree_depth(group)


@kernel
def metadata_bits(k: int, n: int, keep: int, group: int, bitmap: bool) -> int:
    """Bits of the positions of a compressed (k x n) weight matrix.

    Parameters
    ----------
    bitmap : bool
        One bit per weight of each group, kept or not; else an index of ceil(log2 group) bits per survivor.
    """
    if bitmap:
        return ceil_div(k, group) * group * n
    return compressed_length(k, keep, group) * n * index_bits(group)
