"""A network of input-queued virtual-channel routers, flit by flit and cycle by cycle, with everything an object.

Slow and obvious. Per cycle: flits and credits arrive, nodes create and inject, what was ejected retires, then the
routers in order of their numbers: queue, route, allocate virtual channels, allocate the switch. A result made in one
cycle is first used in the next. Random numbers come from two streams that the caller hands in.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.oracles.flit_allocator import Allocator
from tests.oracles.flit_topology import Wiring


@dataclass
class Options:
    """BookSim2's names and meanings."""

    vcs: int = 8
    depth: int = 8
    credit_delay: int = 2
    routing_delay: int = 0
    switch_delay: int = 1
    input_speedup: int = 1
    internal_speedup: int = 1
    speculative: bool = False
    separable: bool = False
    wait_for_tail_credit: bool = False
    vc_iterations: int = 1
    switch_iterations: int = 1


@dataclass
class Packet:
    source: int
    dest: int
    created: int
    record: bool
    phase: int = 0
    entered: int = -1
    hops: int = 0
    come: int = 0
    route: tuple[int, int, int] = (0, 0, 0)


@dataclass
class Flit:
    packet: Packet
    head: bool
    tail: bool
    number: int
    vc: int = -1


class Downstream:
    """What a sender knows of the buffers at the other end."""

    def __init__(self, options: Options) -> None:
        self.o = options
        self.used = [0] * options.vcs
        self.taken = [False] * options.vcs
        self.tail_sent = [False] * options.vcs

    def full(self, vc: int) -> bool:
        return self.used[vc] >= self.o.depth

    def take(self, vc: int) -> None:
        self.taken[vc], self.tail_sent[vc] = True, False

    def send(self, vc: int, tail: bool) -> None:
        self.used[vc] += 1
        self.tail_sent[vc] = tail
        if tail and not self.o.wait_for_tail_credit:
            self.taken[vc] = False

    def credit(self, vc: int) -> None:
        assert self.used[vc] > 0, "a credit for nothing"
        self.used[vc] -= 1
        if self.o.wait_for_tail_credit and self.tail_sent[vc] and not self.used[vc]:
            self.taken[vc] = False


@dataclass
class InputVC:
    flits: deque[Flit] = field(default_factory=deque)
    state: str = "idle"
    route: tuple[int, int, int] = (0, 0, 0)
    out: tuple[int, int] = (0, 0)


class Router:
    """One router; `net` moves what it sends."""

    def __init__(self, net: "FlitNetwork", number: int) -> None:
        self.net, self.number, self.o = net, number, net.o
        ports, v = net.wiring.ports(number), net.o.vcs
        self.vcs = [[InputVC() for _ in range(v)] for _ in range(ports)]
        self.down = [Downstream(net.o) for _ in range(ports)]
        self.va = Allocator(ports * v, ports * v, net.o.separable, net.o.vc_iterations)
        xs = ports * net.o.input_speedup
        self.sa = Allocator(xs, ports, net.o.separable, net.o.switch_iterations)
        s = net.o.input_speedup
        self.turn = [x % s for x in range(ports * s)]
        self.to_route: list[tuple[int, int]] = []
        self.to_va: list[tuple[int, int]] = []
        self.to_sa: list[tuple[int, int]] = []

    def head(self, port: int, vc: int) -> None:
        """The flit in front is a new head."""
        cell = self.vcs[port][vc]
        if self.o.routing_delay:
            cell.state = "routing"
            self.to_route.append((port, vc))
        else:
            self.routed(port, vc, cell.flits[0].packet.route)

    def routed(self, port: int, vc: int, route: tuple[int, int, int]) -> None:
        self.vcs[port][vc].route, self.vcs[port][vc].state = route, "va"
        self.to_va.append((port, vc))
        if self.o.speculative:
            self.to_sa.append((port, vc))

    def queue(self, arrived: dict[int, Flit]) -> None:
        for port in sorted(arrived):
            flit = arrived[port]
            cell = self.vcs[port][flit.vc]
            assert len(cell.flits) < self.o.depth, "a buffer overflows"
            cell.flits.append(flit)
            if cell.state == "idle":
                assert flit.head, "a packet without its head"
                self.head(port, flit.vc)
            elif cell.state == "active" and len(cell.flits) == 1:
                self.to_sa.append((port, flit.vc))

    def step(self, internal: int) -> None:
        v, s = self.o.vcs, self.o.input_speedup
        wants: dict[tuple[int, int], int] = {}
        for port, vc in self.to_va:
            out, low, high = self.vcs[port][vc].route
            for w in range(low, high + 1):
                if not self.down[out].taken[w]:
                    wants[port * v + vc, out * v + w] = 0
        granted_vc = self.va.match(wants)
        bids: dict[tuple[int, int], tuple[int, int]] = {}
        for port, vc in self.to_sa:
            cell = self.vcs[port][vc]
            if cell.state == "active":
                out, w = cell.out
                bid, priority = not self.down[out].full(w), 0
            else:
                out, low, high = cell.route
                down, priority = self.down[out], -1
                bid = any(not down.taken[w] and not down.full(w) for w in range(low, high + 1))
            if bid:
                x = port * s + vc % s
                old = bids.get((x, out))
                key = (-priority, (vc - self.turn[x]) % v)
                if old is None or key < (-old[1], (old[0] - self.turn[x]) % v):
                    bids[x, out] = (vc, priority)
        switched = self.sa.match({pair: p for pair, (_, p) in bids.items()})
        won = {}
        for x, out in switched.items():
            vc = bids[x, out][0]
            self.turn[x] = (vc + s) % v
            won[x // s, vc] = out
        self.update(granted_vc, won, internal)

    def update(self, granted_vc: dict[int, int], won: dict[tuple[int, int], int], internal: int) -> None:
        v = self.o.vcs
        routes, self.to_route = self.to_route, []
        losers, self.to_va = self.to_va, []
        waiting, self.to_sa = self.to_sa, []
        for port, vc in routes:
            packet = self.vcs[port][vc].flits[0].packet
            self.routed(port, vc, self.net.route(self.number, port, packet))
        speculated = {(p, c) for p, c in waiting if self.vcs[p][c].state == "va"}
        for port, vc in losers:
            got = granted_vc.get(port * v + vc)
            if got is None:
                self.to_va.append((port, vc))
                continue
            cell = self.vcs[port][vc]
            cell.out, cell.state = divmod(got, v), "active"
            self.down[cell.out[0]].take(cell.out[1])
            if not self.o.speculative:
                self.to_sa.append((port, vc))
        credits: dict[int, list[int]] = defaultdict(list)
        for port, vc in waiting:
            cell = self.vcs[port][vc]
            out = won.get((port, vc))
            fails = (port, vc) in speculated and (
                cell.state != "active" or cell.out[0] != out or self.down[cell.out[0]].full(cell.out[1])
            )
            if out is None or fails:
                self.to_sa.append((port, vc))
                continue
            flit = cell.flits.popleft()
            credits[port].append(vc)
            if flit.head:
                flit.packet.hops += 1
            w = cell.out[1]
            self.down[out].send(w, flit.tail)
            self.net.leave(self, out, flit, w, internal)
            if flit.tail:
                cell.state = "idle"
                if cell.flits:
                    self.head(port, vc)
            elif cell.flits:
                self.to_sa.append((port, vc))
        for port, freed in credits.items():
            self.net.give_back(self, port, freed)


@dataclass
class Node:
    """A source and a sink."""

    flits: deque[Flit] = field(default_factory=deque)
    clock: int = 0
    last_vc: int = -1
    drained: bool = False


class FlitNetwork:
    """Routers, links and nodes.

    Parameters
    ----------
    wiring : Wiring
    options : Options
    integers, reals : iterators
        Streams of random numbers: whole numbers, and reals of [0, 1).
    """

    def __init__(
        self, wiring: Wiring, options: Options, integers: Iterator[int], reals: Iterator[float]
    ) -> None:
        self.wiring, self.o, self.integers, self.reals = wiring, options, integers, reals
        self.time = 0
        self.routers = [Router(self, r) for r in range(wiring.routers)]
        self.nodes = [Node() for _ in range(wiring.nodes)]
        self.node_down = [Downstream(options) for _ in range(wiring.nodes)]
        self.events: dict[int, list[tuple[str, int, int, Flit | int]]] = defaultdict(list)
        self.last_out: dict[tuple[int, int], int] = {}
        self.last_credit: dict[tuple[int, int], int] = {}
        self.feeders = self._feeders()
        self.retired: list[tuple[int, Flit]] = []
        self.flying = 0
        self.issue: Callable[[int], bool] = lambda node: False
        self.destination: Callable[[int], int] = lambda node: 0
        self.length = 1
        self.recording: Callable[[int], bool] = lambda created: True

    def _feeders(self) -> dict[tuple[int, int], tuple[bool, int, int, int]]:
        """Who sends to an input port: (is a node, number, port, delay)."""
        found = {self.wiring.home(n): (True, n, 0, 1) for n in range(self.wiring.nodes)}
        for r in range(self.wiring.routers):
            for port in range(self.wiring.ports(r)):
                end = self.wiring.out(r, port)
                if end and not end.node:
                    found[end.at, end.port] = (False, r, port, end.delay)
        return found

    def draw(self, n: int) -> int:
        return next(self.integers) % n

    def route(self, router: int, port: int, packet: Packet) -> tuple[int, int, int]:
        return self.wiring.route(router, port, packet, self.o.vcs, self.draw)

    def leave(self, router: Router, port: int, flit: Flit, vc: int, internal: int) -> None:
        """A flit has won the switch."""
        end = self.wiring.out(router.number, port)
        assert end is not None, "a packet leaves by a port without a link"
        flit.vc = vc
        if flit.head and not self.o.routing_delay and not end.node:
            flit.packet.route = self.route(end.at, end.port, flit.packet)
        last = internal == self.o.internal_speedup - 1
        sent = self.time + self.o.switch_delay - (not last)
        sent = max(sent, self.last_out.get((router.number, port), -1) + 1)
        self.last_out[router.number, port] = sent
        self.events[sent + end.delay + 1].append(("eject" if end.node else "flit", end.at, end.port, flit))

    def give_back(self, router: Router, port: int, freed: list[int]) -> None:
        """Credits of one input port, one message."""
        is_node, number, out, delay = self.feeders[router.number, port]
        sent = max(self.time, self.last_credit.get((router.number, port), -1) + 1)
        self.last_credit[router.number, port] = sent
        when = sent + delay + 1 + (0 if is_node else self.o.credit_delay)
        for vc in freed:
            self.events[when].append(("node credit" if is_node else "credit", number, out, vc))

    def create(self, node: int) -> None:
        """As many tests as cycles have passed since the last, until one succeeds."""
        source = self.nodes[node]
        while source.clock <= self.time:
            created, source.clock = source.clock, source.clock + 1
            if self.issue(node):
                dest = self.destination(node)
                next(self.integers)
                packet = Packet(node, dest, created, self.recording(created))
                for i in range(self.length):
                    source.flits.append(Flit(packet, i == 0, i == self.length - 1, i))
                self.flying += self.length
                return

    def inject(self, node: int) -> None:
        source, down = self.nodes[node], self.node_down[node]
        if not source.flits:
            return
        flit = source.flits[0]
        if flit.head and flit.vc < 0:
            low, high = 0, self.o.vcs - 1
            if self.wiring.random_inject:
                low = high = self.draw(self.o.vcs)
            last = source.last_vc
            count = high - low + 1
            order = [low + (last - low + i) % count for i in range(1, count + 1)]
            for vc in order if low <= last <= high else [low]:
                if not down.taken[vc] and not down.full(vc):
                    flit.vc = vc
                    break
        if flit.vc < 0 or down.full(flit.vc):
            return
        router, port = self.wiring.home(node)
        if flit.head:
            flit.packet.entered = self.time
            if not self.o.routing_delay:
                flit.packet.route = self.route(router, port, flit.packet)
            down.take(flit.vc)
            source.last_vc = flit.vc
        source.flits.popleft()
        down.send(flit.vc, flit.tail)
        if not flit.tail:
            source.flits[0].vc = flit.vc
        self.events[self.time + 2].append(("flit", router, port, flit))

    def step(self, create: bool = True) -> None:
        """One cycle; `retired` then holds (node, flit) of those that came in."""
        arrived: dict[int, dict[int, Flit]] = defaultdict(dict)
        self.retired = []
        for what, at, port, item in self.events.pop(self.time, []):
            if isinstance(item, int):
                (self.node_down[at] if what == "node credit" else self.routers[at].down[port]).credit(item)
            elif what == "flit":
                arrived[at][port] = item
            else:
                self.retired.append((at, item))
        if create:
            for n in range(self.wiring.nodes):
                if not self.nodes[n].flits:
                    self.create(n)
        for n in range(self.wiring.nodes):
            self.inject(n)
        for n, flit in self.retired:
            assert flit.packet.dest == n, "a packet at the wrong node"
            assert flit.number == flit.packet.come, "a flit overtakes another of its packet, or is lost"
            flit.packet.come += 1
            router, port = self.wiring.home(n)
            self.events[self.time + 2 + self.o.credit_delay].append(("credit", *self._ejector(n), flit.vc))
            self.flying -= 1
        for router in self.routers:
            for internal in range(self.o.internal_speedup):
                if internal == 0:
                    router.queue(arrived.get(router.number, {}))
                router.step(internal)
        self.time += 1

    def _ejector(self, node: int) -> tuple[int, int]:
        """Router and output port that lead to a node."""
        if not hasattr(self, "_ejectors"):
            self._ejectors = {
                end.at: (r, p)
                for r in range(self.wiring.routers)
                for p in range(self.wiring.ports(r))
                if (end := self.wiring.out(r, p)) and end.node
            }
        return self._ejectors[node]
