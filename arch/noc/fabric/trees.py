"""Butterflies and fat trees of k x k routers, one class: their links only ever lead on, or up and then down."""

import numpy as np

from bankside.arch.noc.fabric.fabric import NO_LINK, Fabric, blank, check_size, entry


def butterfly(k: int, n: int) -> Fabric:
    """k-ary n-fly: k^n nodes on the left and the right of n stages; stage s sets digit s of the address, the
    highest first.

    One stage is a crossbar.
    """
    nodes, stage = k**n, k ** (n - 1)
    check_size(n * stage, nodes)
    router, node, port = np.arange(n * stage), np.arange(nodes), np.arange(k)
    to = np.full((n * stage, k), NO_LINK, dtype=np.int64)
    table = np.zeros((n * stage, nodes), dtype=np.int64)
    for s in range(n):
        address = np.arange(stage)[:, None]
        table[s * stage : (s + 1) * stage] = entry(node // k ** (n - 1 - s) % k)
        if s < n - 1:
            place = k ** (n - 2 - s)
            digit = address // place % k
            there = (s + 1) * stage + address + (port - digit) * place
            to[s * stage : (s + 1) * stage] = there * k + digit
    sink = (n - 1) * stage * k + node
    row = np.repeat(router, k)[:, None].astype(np.int64)
    return blank("butterfly", node.astype(np.int64), sink.astype(np.int64), to, row=row, table=table)


def fat_tree(k: int, n: int, draw_ups: bool = True) -> Fabric:
    """k-ary n-tree: n levels of k^(n-1) routers, the top first; ports below k lead down, those from k on up.

    A packet goes up to the nearest common ancestor and down from there (F. Petrini, M. Vanneschi, IPPS 1997).

    Parameters
    ----------
    draw_ups : bool
        Whether a packet draws each port up; else it takes the one of the digit of the node that it is for.
    """
    nodes, level = k**n, k ** (n - 1)
    check_size(n * level, nodes)
    node, port = np.arange(nodes), np.arange(k)
    radix = 2 * k if n > 1 else k
    to = np.full((n * level, radix), NO_LINK, dtype=np.int64)
    table = np.zeros((n * level, nodes), dtype=np.int64)
    for depth in range(n):
        pos = np.arange(level)[:, None]
        here = slice(depth * level, (depth + 1) * level)
        cover = k ** (n - depth)
        first = pos // k ** (n - 1 - depth) * cover
        inside = (first <= node) & (node < first + cover)
        own = node // k ** (n - 1 - depth) % k
        up = entry(k, k) if draw_ups else entry(k + own)
        table[here] = np.where(inside, entry((node - first) // (cover // k) % k), up)
        if depth < n - 1:
            branch = k ** (n - 2 - depth)
            base = pos // (branch * k) * branch * k
            child = (depth + 1) * level + base + port * branch + (pos - base) % branch
            to[here, :k] = child * radix + k + (pos - base) // branch
            for parent in range(level):
                for down in range(k):
                    child_router, child_port = divmod(int(to[depth * level + parent, down]), radix)
                    to[child_router, child_port] = (depth * level + parent) * radix + down
    home = ((n - 1) * level + node // k) * radix + node % k
    row = np.repeat(np.arange(n * level), radix)[:, None]
    return blank("fat tree", home, home.copy(), to, row=row.astype(np.int64), table=table)
