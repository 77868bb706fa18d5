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


def run(rows: int, cols: int, wrap: bool, messages: list[tuple[int, int, int]]) -> int:
    """Cycles until all bytes have arrived when ports and links each move one byte a cycle, the oldest first.

    A byte enters over its source's port, waits at every node for the next link, and leaves over its target's port.
    """
    queues: dict[object, list[tuple[int, list[object]]]] = {}
    number = 0
    for turn in range(max(size for _, _, size in messages)):
        for source, target, size in messages:
            steps: list[object] = [("in", source), *walk(rows, cols, wrap, source, target), ("out", target)]
            if turn < size:
                queues.setdefault(steps[0], []).append((number, steps[1:]))
                number += 1
    cycle = 0
    while queues:
        cycle += 1
        moved = []
        for resource in list(queues):
            queues[resource].sort(key=lambda item: item[0])
            which, rest = queues[resource].pop(0)
            moved.append((which, rest))
            if not queues[resource]:
                del queues[resource]
        for which, rest in moved:
            if rest:
                queues.setdefault(rest[0], []).append((which, rest[1:]))
    return cycle
