"""Dragonfly of p nodes a router, 2 p routers a group, all joined, and 2 p p + 1 groups, every two joined by one link.

Minimal routes: local, global, local; before the global link class 0, on it and after it class 1 (J. Kim, W. J. Dally,
S. Scott, D. Abts, ISCA 2008; BookSim2's min_dragonflynew). Ports: nodes, the group's other routers, global links.
"""

import numpy as np

from bankside.arch.noc.fabric.fabric import NO_LINK, Fabric, VcClass, blank, check_size, entry

CLASSES = (VcClass("before the global link", 0), VcClass("from the global link on", 1))


def dragonfly(p: int, local_delay: int = 10, global_delay: int = 100) -> Fabric:
    """All of a dragonfly.

    Parameters
    ----------
    p : int
        Nodes of a router, and global links of a router.
    local_delay, global_delay : int [cycle]
        Of links within a group and between groups (BookSim2: 10 and 100).
    """
    a = 2 * p
    routers = a * (a * p + 1)
    nodes, ports, first_global = routers * p, 4 * p - 1, p + a - 1
    check_size(2 * routers, nodes)
    router, node = np.arange(routers, dtype=np.int64), np.arange(nodes, dtype=np.int64)
    group, local = router // a, router % a
    to, delay = np.full((routers, ports), NO_LINK, dtype=np.int64), np.ones((routers, ports), dtype=np.int64)
    for j in range(a - 1):
        other = j + (j >= local)
        to[:, p + j] = (group * a + other) * ports + p + local - (local > other)
    for j in range(p):
        index = local * p + j
        far = index + (index >= group)
        back = group - (group > far)
        to[:, first_global + j] = (far * a + back // p) * ports + first_global + back % p
    delay[:, p:first_global], delay[:, first_global:] = local_delay, global_delay
    goal, target = node // (a * p), node // p
    index = goal[None, :] - (goal[None, :] > group[:, None])
    inside = goal[None, :] == group[:, None]
    gate = np.where(inside, target % a, index // p)
    port = np.where(gate == local[:, None], first_global + index % p, p + gate - (gate > local[:, None]))
    port = np.where(target[None, :] == router[:, None], node % p, port)
    table = np.concatenate([entry(port, 1, np.maximum(port >= first_global, kind)) for kind in (0, 1)])
    row = np.repeat(router, ports)[:, None] + np.array([0, routers])
    home = router.repeat(p) * ports + node % p
    return blank(
        "dragonfly",
        home,
        home.copy(),
        to,
        delay=delay,
        row=row,
        table=table,
        classes=CLASSES,
        random_inject=True,
    )
