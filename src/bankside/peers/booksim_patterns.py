"""Who sends to whom: every pattern is, for each node, a range of a list of destinations from which one is drawn.

(W. J. Dally, B. Towles, 2004, section 3.2, for the permutations; the others are BookSim2's.)
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.noc.fabric.fabric import NetworkError

Int64s = npt.NDArray[np.int64]


def _packed(first: Int64s, choices: int, listed: Int64s) -> Int64s:
    """`targets` as `run` reads them."""
    pairs = np.stack([first, np.full_like(first, choices)], axis=1).ravel()
    return np.concatenate([pairs, listed]).astype(np.int64)


def permutation(dest: Int64s) -> Int64s:
    """Node n sends to dest[n] alone."""
    return _packed(np.arange(len(dest)), 1, dest)


def one_of(choices: Int64s) -> Int64s:
    """Node n sends to one of choices[n], int64[nodes, choices]."""
    n, many = choices.shape
    return _packed(np.arange(n) * many, many, choices.ravel())


def random_permutation(nodes: int, whole: Int64s) -> Int64s:
    """Each node in turn is where one that has no destination yet sends to; whole numbers draw which."""
    free, dest = list(range(nodes)), np.zeros(nodes, dtype=np.int64)
    for node, drawn in zip(range(nodes), whole.tolist(), strict=False):
        dest[free.pop(drawn % (nodes - node))] = node
    return permutation(dest)


def uniform(nodes: int) -> Int64s:
    """Every node as often, itself included."""
    return _packed(np.zeros(nodes, dtype=np.int64), nodes, np.arange(nodes))


def hotspot(nodes: int, spots: Sequence[int], rates: Sequence[int]) -> Int64s:
    """A few nodes, in proportion to whole rates.

    Raises
    ------
    NetworkError
        For a spot that is no node, or a rate below 1.
    """
    if any(not 0 <= spot < nodes for spot in spots) or any(rate < 1 for rate in rates):
        raise NetworkError(
            f"Hot spots {list(spots)} with rates {list(rates)} are not nodes of 0 to {nodes - 1} with rates."
        )
    listed = np.repeat(np.asarray(spots, dtype=np.int64), rates)
    return _packed(np.zeros(nodes, dtype=np.int64), len(listed), listed)


def _bits(nodes: int, name: str, even: bool = False) -> int:
    bits = nodes.bit_length() - 1
    if 1 << bits != nodes or (even and bits % 2):
        raise NetworkError(
            f"The pattern {name} needs {'an even' if even else 'a'} power of two of nodes, not {nodes}."
        )
    return bits


def _bitcomp(node: Int64s, digits: Sequence[int]) -> Int64s:
    _bits(len(node), "bitcomp")
    return permutation(len(node) - 1 - node)


def _bitrev(node: Int64s, digits: Sequence[int]) -> Int64s:
    bits = _bits(len(node), "bitrev")
    return permutation(
        np.sum([(node >> b & 1) << (bits - 1 - b) for b in range(bits)], axis=0, dtype=np.int64)
    )


def _shuffle(node: Int64s, digits: Sequence[int]) -> Int64s:
    bits = _bits(len(node), "shuffle")
    return permutation((node << 1 & len(node) - 1) | (node >> max(0, bits - 1) & 1))


def _transpose(node: Int64s, digits: Sequence[int]) -> Int64s:
    half = _bits(len(node), "transpose", even=True) // 2
    return permutation(node >> half | (node & (1 << half) - 1) << half)


def _by_digit(node: Int64s, digits: Sequence[int], offset: Callable[[int], int]) -> Int64s:
    dest, place = np.zeros_like(node), 1
    for k in digits:
        dest += (node // place + offset(k)) % k * place
        place *= k
    return permutation(dest)


def _tornado(node: Int64s, digits: Sequence[int]) -> Int64s:
    return _by_digit(node, digits, lambda k: (k + 1) // 2 - 1)


def _neighbor(node: Int64s, digits: Sequence[int]) -> Int64s:
    return _by_digit(node, digits, lambda k: 1)


def _diagonal(node: Int64s, digits: Sequence[int]) -> Int64s:
    return one_of(np.stack([(node + 1) % len(node), node, node], axis=1))


def _asymmetric(node: Int64s, digits: Sequence[int]) -> Int64s:
    half = len(node) // 2
    if half == 0:
        raise NetworkError("The pattern asymmetric needs two nodes or more.")
    return one_of(np.stack([node % half, node % half + half], axis=1))


def _taper64(node: Int64s, digits: Sequence[int]) -> Int64s:
    """Half of the packets to the node or one of the eight around it on an 8 x 8 grid, half to any."""
    if len(node) != 64:
        raise NetworkError(f"The pattern taper64 is of 64 nodes, not {len(node)}.")
    near = (node[:, None] + (8 * np.arange(-1, 2)[:, None] + np.arange(-1, 2)).ravel()) % 64
    every = np.broadcast_to(node, (64, 64))
    return one_of(np.concatenate([np.repeat(near, 64, axis=1), np.repeat(every, 9, axis=1)], axis=1))


def _bad_dragon(node: Int64s, digits: Sequence[int]) -> Int64s:
    p = digits[0]
    group = 2 * p * p
    first = (node // group + 1) * group % len(node)
    return _packed(first, group, np.arange(len(node) + group) % len(node))


PATTERNS: Final[dict[str, Callable[[Int64s, Sequence[int]], Int64s]]] = {
    "uniform": lambda node, digits: uniform(len(node)),
    "bitcomp": _bitcomp,
    "bitrev": _bitrev,
    "shuffle": _shuffle,
    "transpose": _transpose,
    "tornado": _tornado,
    "neighbor": _neighbor,
    "diagonal": _diagonal,
    "asymmetric": _asymmetric,
    "taper64": _taper64,
    "bad_dragon": _bad_dragon,
}
"""By name: destinations of int64[nodes], whose addresses have these digits (lengths of dimensions), the
lowest first."""


def pattern(name: str, nodes: int, digits: Sequence[int]) -> Int64s:
    """Destinations of a pattern by name.

    Raises
    ------
    NetworkError
        For an unknown name, or a number of nodes that the pattern is not made for.
    """
    if name not in PATTERNS:
        raise NetworkError(f"Traffic is one of {', '.join(PATTERNS)} or hotspot, not '{name}'.")
    return PATTERNS[name](np.arange(nodes, dtype=np.int64), digits)
