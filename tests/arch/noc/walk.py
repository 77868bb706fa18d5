"""Brute force for the tests: every flow walked link by link, no arrays, no formulas."""

from collections import Counter

Link = tuple[tuple[int, int], tuple[int, int], int]


def shape_of(topology: str, nodes: int) -> tuple[int, int]:
    """Rows and columns: one row for a ring, else the most square factors."""
    if topology == "ring":
        return 1, nodes
    best = max(r for r in range(1, nodes + 1) if nodes % r == 0 and r * r <= nodes)
    return best, nodes // best


def walk(rows: int, cols: int, wrap: bool, source: int, target: int) -> list[Link]:
    """Links of a message: along its row, then along the target's column; a link is (from, to, direction)."""
    here, there = [source // cols, source % cols], (target // cols, target % cols)
    path = []
    for axis, length in ((1, cols), (0, rows)):
        way = 1 if there[axis] > here[axis] else -1
        if wrap:
            clockwise = (there[axis] - here[axis]) % length
            way = 1 if clockwise <= length - clockwise else -1
        while here[axis] != there[axis]:
            before = (here[0], here[1])
            here[axis] = (here[axis] + way) % length
            path.append((before, (here[0], here[1]), way))
    return path


def loads(rows: int, cols: int, wrap: bool, messages: list[tuple[int, int, int]]) -> Counter[Link]:
    """Bytes on every link that carries any, for (source, target, bytes) messages."""
    carried: Counter[Link] = Counter()
    for source, target, size in messages:
        for link in walk(rows, cols, wrap, source, target):
            carried[link] += size
    return carried
