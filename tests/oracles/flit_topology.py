"""Networks of routers as BookSim2 wires them, by arithmetic on addresses: who is joined to whom, and where a head goes.

Slow and obvious, with nothing from the sources. Ports: mesh and torus 2 d = up along d, 2 d + 1 = down, 2 n = node.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Draw = Callable[[int], int]
"""A whole number from 0 to its argument - 1."""


@dataclass(frozen=True)
class End:
    """Where a link ends: input `port` of router `at`, after `delay` cycles; a node where `node` is set."""

    at: int
    port: int
    delay: int
    node: bool = False


class Cube:
    """k-ary n-cube or n-mesh, dimension order; on a torus the shorter way, ties drawn, two dateline classes."""

    def __init__(self, k: int, n: int, wrap: bool, delay: int) -> None:
        self.k, self.n, self.wrap, self.delay = k, n, wrap, delay
        self.nodes = self.routers = k**n
        self.random_inject = False

    def ports(self, router: int) -> int:
        return 2 * self.n + 1

    def home(self, node: int) -> tuple[int, int]:
        return node, 2 * self.n

    def out(self, router: int, port: int) -> End | None:
        if port == 2 * self.n:
            return End(router, 0, 1, node=True)
        d, back = divmod(port, 2)
        digit = router // self.k**d % self.k
        to = digit + (-1 if back else 1)
        if not self.wrap and not 0 <= to < self.k:
            return None
        return End(router + (to % self.k - digit) * self.k**d, port ^ 1, self.delay)

    def route(self, router: int, came: int, packet: Any, vcs: int, draw: Draw) -> tuple[int, int, int]:
        for d in range(self.n):
            at, to = router // self.k**d % self.k, packet.dest // self.k**d % self.k
            if at == to:
                continue
            if not self.wrap:
                return 2 * d + (at > to), 0, vcs - 1
            if came // 2 == d:
                port = came ^ 1
            else:
                ahead = (to - at) % self.k
                up = 2 * ahead < self.k or (2 * ahead == self.k and draw(2) != 0)
                port, packet.phase = 2 * d + (not up), int(at > to)
            half = vcs // 2
            return (port, half, vcs - 1) if packet.phase else (port, 0, vcs - 1 - half)
        return 2 * self.n, 0, vcs - 1


class Fly:
    """k-ary n-fly: stage s corrects digit s from the top; one stage is a crossbar."""

    def __init__(self, k: int, n: int) -> None:
        self.k, self.n, self.nodes = k, n, k**n
        self.stage = k ** (n - 1)
        self.routers = n * self.stage
        self.random_inject = False

    def ports(self, router: int) -> int:
        return self.k

    def home(self, node: int) -> tuple[int, int]:
        return node // self.k, node % self.k

    def out(self, router: int, port: int) -> End | None:
        s, address = divmod(router, self.stage)
        if s == self.n - 1:
            return End(address * self.k + port, 0, 1, node=True)
        place = self.k ** (self.n - 2 - s)
        digit = address // place % self.k
        return End((s + 1) * self.stage + address + (port - digit) * place, digit, 1)

    def route(self, router: int, came: int, packet: Any, vcs: int, draw: Draw) -> tuple[int, int, int]:
        s = router // self.stage
        return packet.dest // self.k ** (self.n - 1 - s) % self.k, 0, vcs - 1


class FatTree:
    """k-ary n-tree: up by a random port to the nearest common ancestor, then down. Level 0 is the top."""

    def __init__(self, k: int, n: int) -> None:
        self.k, self.n, self.nodes = k, n, k**n
        self.level = k ** (n - 1)
        self.routers = n * self.level
        self.random_inject = False

    def ports(self, router: int) -> int:
        return self.k if router < self.level else 2 * self.k

    def home(self, node: int) -> tuple[int, int]:
        return (self.n - 1) * self.level + node // self.k, node % self.k

    def out(self, router: int, port: int) -> End | None:
        depth, pos = divmod(router, self.level)
        if port >= self.k:
            branch = self.k ** (self.n - 1 - depth)
            base = pos // (branch * self.k) * branch * self.k
            parent = base + (port - self.k) * branch + pos % branch
            return End((depth - 1) * self.level + parent, (pos - base) // branch, 1)
        if depth == self.n - 1:
            return End(pos * self.k + port, 0, 1, node=True)
        branch = self.k ** (self.n - 2 - depth)
        base = pos // (branch * self.k) * branch * self.k
        child = base + port * branch + (pos - base) % branch
        return End((depth + 1) * self.level + child, self.k + (pos - base) // branch, 1)

    def route(self, router: int, came: int, packet: Any, vcs: int, draw: Draw) -> tuple[int, int, int]:
        depth, pos = divmod(router, self.level)
        cover = self.k ** (self.n - depth)
        first = pos // self.k ** (self.n - 1 - depth) * cover
        if first <= packet.dest < first + cover:
            return (packet.dest - first) // (cover // self.k), 0, vcs - 1
        return self.k + draw(self.k), 0, vcs - 1


class Dragonfly:
    """p nodes a router, 2 p routers a group, 2 p p + 1 groups; minimal routing, class 1 from the global link on."""

    def __init__(self, p: int) -> None:
        self.p, self.a = p, 2 * p
        self.groups = self.a * p + 1
        self.routers = self.groups * self.a
        self.nodes = self.routers * p
        self.random_inject = True

    def ports(self, router: int) -> int:
        return 4 * self.p - 1

    def home(self, node: int) -> tuple[int, int]:
        return node // self.p, node % self.p

    def out(self, router: int, port: int) -> End | None:
        group, local = divmod(router, self.a)
        if port < self.p:
            return End(router * self.p + port, 0, 1, node=True)
        if port < self.p + self.a - 1:
            other = port - self.p
            other += other >= local
            return End(group * self.a + other, self.p + local - (local > other), 10)
        index = local * self.p + port - (self.p + self.a - 1)
        far = index + (index >= group)
        back = group - (group > far)
        return End(far * self.a + back // self.p, self.p + self.a - 1 + back % self.p, 100)

    def route(self, router: int, came: int, packet: Any, vcs: int, draw: Draw) -> tuple[int, int, int]:
        group, local = divmod(router, self.a)
        goal = packet.dest // (self.a * self.p)
        if came < self.p:
            packet.phase = 0
        index = goal - (goal > group)
        gate = packet.dest // self.p % self.a if goal == group else index // self.p
        if packet.dest // self.p == router:
            port = packet.dest % self.p
        elif gate == local:
            port, packet.phase = self.p + self.a - 1 + index % self.p, 1
        else:
            port = self.p + gate - (gate > local)
        return port, packet.phase, packet.phase


Wiring = Cube | Fly | FatTree | Dragonfly


def wiring(topology: str, k: int, n: int, torus_delay: int = 2) -> Wiring:
    """A network by BookSim2's name."""
    match topology:
        case "mesh":
            return Cube(k, n, wrap=False, delay=1)
        case "torus":
            return Cube(k, n, wrap=True, delay=torus_delay)
        case "fly":
            return Fly(k, n)
        case "fattree":
            return FatTree(k, n)
        case _:
            return Dragonfly(k)
