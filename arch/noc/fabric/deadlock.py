"""Freedom from deadlock, proven on the graph of what waits for what.

A packet that holds a channel (a link in a class) waits for the next one on its way. If no chain of such waits closes,
some packet can always move (W. J. Dally, C. L. Seitz, 1987). Only what a packet can meet counts: routes are followed
from the nodes. Classes without a virtual channel of their own are one.
"""

from functools import lru_cache

import numpy as np

from bankside.arch.noc.fabric.fabric import (
    CLASS_AT,
    COUNT_AT,
    DOWN_AT,
    LOW,
    NO_LINK,
    Fabric,
    Int64s,
    NetworkError,
)

SHOWN = 12
"""Links of a cycle that a sentence names."""


def dependencies(fabric: Fabric, vcs: int) -> Int64s:
    """What waits for what, int64[waits, 2]: channel = input port at which the link ends x classes + class."""
    kinds, to = len(fabric.classes), fabric.to.ravel()
    nodes = np.arange(fabric.nodes)
    here = np.repeat(fabric.source, fabric.nodes)
    kind, dest = np.zeros_like(here), np.tile(nodes, fabric.nodes)
    holds = np.full_like(here, NO_LINK)
    seen = np.zeros(fabric.row.size * fabric.nodes, dtype=bool)
    waits, used = [np.zeros((0, 2), dtype=np.int64)], np.zeros(fabric.row.size, dtype=bool)
    while len(here):
        entries = fabric.table[fabric.row[here, kind], dest]
        count = entries >> COUNT_AT & LOW
        which = np.repeat(np.arange(len(here)), count)
        turn = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        entry, dest = entries[which], dest[which]
        port = (entry & LOW) + np.where(entry >> DOWN_AT & 1, -turn, turn)
        there = to[here[which] // fabric.radix * fabric.radix + port]
        on = there != NO_LINK
        kind = (entry >> CLASS_AT & 255)[on]
        there, dest, before = there[on], dest[on], holds[which][on]
        channel = there * kinds + kind
        waits.append(_different(np.stack([before, channel], axis=1)[before != NO_LINK], fabric.row.size))
        used[channel] = True
        fresh, first = np.unique((there * kinds + kind) * fabric.nodes + dest, return_index=True)
        first = first[~seen[fresh]]
        seen[fresh] = True
        here, kind, dest, holds = there[first], kind[first], dest[first], channel[first]
    return _different(_merged(fabric, vcs, np.flatnonzero(used))[np.concatenate(waits)], fabric.row.size)


def _different(pairs: Int64s, below: int) -> Int64s:
    """Different pairs of numbers below so many, in order: sorted as one number each."""
    return np.stack(np.divmod(np.unique(pairs[:, 0] * below + pairs[:, 1]), below), axis=1)


def _merged(fabric: Fabric, vcs: int, used: Int64s) -> Int64s:
    """For each channel the one that stands for it: of classes that meet on a link, one without virtual
    channels of its own is the same as one that it shares them with."""
    kinds = len(fabric.classes)
    spans = [set(range(low, high + 1)) for low, high in (each.span(vcs) for each in fabric.classes)]
    stands = np.arange(fabric.row.size, dtype=np.int64)
    on_link = np.zeros((fabric.to.size, kinds), dtype=bool)
    on_link.ravel()[used] = True
    for meet in np.unique(on_link, axis=0):
        here = np.flatnonzero(meet).tolist()
        links = np.flatnonzero((on_link == meet).all(axis=1))
        for k in here:
            others = [j for j in here if j != k]
            if others and not spans[k] - set().union(*(spans[j] for j in others)):
                stands[links * kinds + k] = links * kinds + min(j for j in here if spans[j] & spans[k])
    return stands


def cycle(waits: Int64s) -> list[int]:
    """Channels that wait for each other in a circle, or none: what is waited for by nobody is taken away,
    again and again."""
    ahead: dict[int, list[int]] = {}
    left: dict[int, int] = {}
    for a, b in waits.tolist():
        ahead.setdefault(a, []).append(b)
        ahead.setdefault(b, [])
        left[b] = left.get(b, 0) + 1
        left.setdefault(a, 0)
    ready = [channel for channel, n in left.items() if n == 0]
    while ready:
        for after in ahead.pop(ready.pop()):
            left[after] -= 1
            if left[after] == 0:
                ready.append(after)
    if not ahead:
        return []
    behind = {b: a for a, after in ahead.items() for b in after}
    path, seen = [next(iter(behind))], set()
    while path[-1] not in seen:
        seen.add(path[-1])
        path.append(behind[path[-1]])
    return path[path.index(path[-1]) + 1 :][::-1]


@lru_cache(maxsize=32)
def check_deadlock_free(fabric: Fabric, vcs: int) -> None:
    """Refuse routes by which packets can wait for each other for ever.

    Raises
    ------
    NetworkError
        With the links of a circle, and the classes on them.
    """
    found = cycle(dependencies(fabric, vcs))
    if not found:
        return
    feeder = {int(to): q for q, to in enumerate(fabric.to.ravel()) if to != NO_LINK}
    shown = []
    for channel in found[:SHOWN]:
        port, kind = divmod(channel, len(fabric.classes))
        ends = f"{feeder[port] // fabric.radix}->{port // fabric.radix}"
        shown.append(f"{ends} ({fabric.classes[kind].name})" if len(fabric.classes) > 1 else ends)
    more = f", ... ({len(found)} links)" if len(found) > SHOWN else ""
    raise NetworkError(
        f"{fabric.name}: with {vcs} virtual channels packets can wait for each other for ever, "
        f"each for the next of the links {', '.join(shown)}{more}, and so round to the first."
    )
