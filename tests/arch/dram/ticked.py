"""Queued controllers clock by clock, with plain lists: what the event-driven ones must equal command by command.

Both look at every request of a queue in every slot and ask the bank state when its next command may come. Slots are
counted as the event-driven runs count them: the first request is offered in slot 1.
"""

from dataclasses import dataclass, field

from bankside.arch.dram.bank import by_rules, issue, new_state
from bankside.arch.dram.commands import ACT, ACT2, CAS, PRE, PREA, RD, REF, REFSB, WR
from bankside.arch.dram.patterns import Requests
from bankside.arch.dram.standard import Standard

CLOSED = -1


@dataclass
class Request:
    """One request and what became of it."""

    id: int
    op: int
    bank: int
    row: int
    column: int
    at: int
    accepted: int = -1
    returned: int = -1

    def same_burst(self, other: "Request") -> bool:
        return (self.bank, self.row, self.column) == (other.bank, other.row, other.column)


@dataclass
class Channel:
    """Bank state, requests and the commands issued, shared by both controllers."""

    standard: Standard
    requests: Requests
    refresh: bool
    commands: list[tuple[int, int, int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.std = self.standard.packed[0]
        self.state = new_state(self.standard.packed)
        r, s = self.requests, self.standard
        banks = (r.pc * s.ranks * s.bank_groups + r.bank_group) * s.banks_per_group + r.bank
        columns = zip(r.op, banks, r.row, r.column, r.at_cycle, strict=True)
        self.all = [Request(i, *map(int, line)) for i, line in enumerate(columns)]
        self.offered = 0
        self.per_clock = int(self.std["slots_per_ck"])
        self.one_by_one = s.spec.refresh.mode == "per_bank"
        self.interval = int(self.std["refresh_bank_interval" if self.one_by_one else "refresh_interval"])
        self.nodes = s.banks if self.one_by_one else s.refresh_nodes

    def row(self, bank: int) -> int:
        return int(self.state[0]["row"][bank])

    def ready(self, command: int, bank: int, slot: int, bus: bool = True) -> bool:
        free = int(self.state[0]["bus_free"][self.std["bus"][command]]) if bus else 0
        return max(by_rules(self.standard.packed[0], self.state[0], command, bank), free) >> 5 <= slot

    def rising(self, slot: int) -> bool:
        return self.per_clock == 1 or slot % 2 == 1

    def needs(self, request: Request) -> int:
        row = self.row(request.bank)
        if row == CLOSED:
            return ACT
        return (WR if request.op else RD) if row == request.row else PRE

    def do(self, command: int, bank: int, slot: int, row: int = -1, column: int = -1) -> None:
        if command not in (ACT2, CAS):
            issue(self.standard.packed, self.state, command, bank, slot, row)
        self.commands.append((slot, command, bank, row, column))

    def node_banks(self, node: int) -> range:
        size = self.standard.banks // self.nodes
        first = node % self.nodes * size
        if self.one_by_one:  # bank by bank, each rank or pseudo-channel in its turn
            apart = self.standard.refresh_nodes
            first = node % apart * (self.nodes // apart) + node // apart % (self.nodes // apart)
        return range(first, first + size)

    def due(self, slot: int) -> int:
        if not self.refresh or slot % self.interval:
            return 0
        return self.standard.refresh_nodes if self.one_by_one else self.nodes

    def next_offer(self, slot: int, in_flight: int) -> Request | None:
        """The request that is offered in this slot, if it may be."""
        limit = self.requests.max_outstanding
        if self.offered == len(self.all) or (limit and in_flight >= limit):
            return None
        request = self.all[self.offered]
        return request if self.rising(slot) and request.at * self.per_clock < slot else None


class FirstReady(Channel):
    """`frfcfs` and, with `keep_hits`, `frfcfs-rowhit`."""

    keep_hits = False

    def run(self, slots: int = 400_000) -> list[tuple[int, int, int, int, int]]:
        self.queues: tuple[list[Request], list[Request]] = ([], [])
        self.active: list[Request] = []
        self.pending: list[tuple[int, Request]] = []
        self.refreshes = self.node = 0
        self.writing = False
        self.in_flight = self.served = 0
        self.opening: tuple[Request, int] | None = None
        self.synced: Request | None = None
        self.clock_until = -1
        for slot in range(1, slots):
            self.offer(slot)
            while self.pending and self.pending[0][0] <= slot:
                self.pending.pop(0)
                self.in_flight -= 1
            self.refreshes += self.due(slot)
            self.tick(slot)
            if self.served == len(self.all):
                return self.commands
        raise AssertionError("requests are left")

    def offer(self, slot: int) -> None:
        request = self.next_offer(slot, self.in_flight)
        if request is None:
            return
        buffered = any(request.same_burst(w) for w in self.queues[1])
        if not buffered and len(self.queues[request.op]) >= 32:
            return
        self.offered += 1
        request.accepted = slot - 1
        self.in_flight += request.op == 0
        if not buffered:
            self.queues[request.op].append(request)
            return
        self.served += 1
        if request.op == 0:
            self.pending.append((slot, request))

    def tick(self, slot: int) -> None:
        std = self.std
        if std["second_within"] > 0:
            self.two_part(slot)
        elif std["single_bus"]:
            found = self.first_active(slot) or self.first_refresh(slot) or self.first_queued(slot, (0, 1))
            if found:
                self.issue(*found, slot)
        else:
            if self.rising(slot):
                found = self.first_active(slot) or self.first_queued(slot, (1,))
                if found:
                    self.issue(*found, slot)
            found = self.first_refresh(slot) or self.first_queued(slot, (0,))
            if found:
                self.issue(*found, slot)

    def first_active(self, slot: int) -> tuple[int, Request] | None:
        for request in sorted(self.active, key=lambda r: r.id):
            command = WR if request.op else RD
            if self.ready(command, request.bank, slot):
                return command, request
        return None

    def first_refresh(self, slot: int) -> tuple[int, Request] | None:
        if not self.refreshes:
            return None
        banks = self.node_banks(self.node)
        is_open = any(self.row(b) != CLOSED for b in banks)
        refresh, close = (REFSB, PRE) if self.one_by_one else (REF, PREA)
        command = close if is_open else refresh
        held = is_open and any(r.bank in banks for r in self.active)
        if held or (command == refresh and not self.rising(slot)) or not self.ready(command, banks[0], slot):
            return None
        return command, Request(-1, 0, banks[0], -1, -1, 0)

    def turn(self) -> None:
        reads, writes = map(len, self.queues)
        if not self.writing:
            self.writing = writes > 25.6 or reads == 0
        elif writes < 6.4 and reads:
            self.writing = False

    def first_queued(self, slot: int, buses: tuple[int, ...]) -> tuple[int, Request] | None:
        """The oldest request of the served queue whose next command may come on one of the buses (1: columns)."""
        if self.refreshes:
            return None
        self.turn()
        queue = self.queues[self.writing]
        busy = {r.bank for r in self.active}
        for request in queue:
            row = self.row(request.bank)
            command = self.needs(request)
            if (1 if command in (RD, WR) else 0) not in buses:
                continue
            if command == PRE and request.bank in busy:
                continue
            if command == ACT and (self.opening or not self.rising(slot)):
                continue
            older_hit = any(r.bank == request.bank and r.row == row and r.id < request.id for r in queue)
            if command == PRE and self.keep_hits and older_hit:
                continue
            if self.ready(command, request.bank, slot):
                return command, request
        return None

    def issue(self, command: int, request: Request, slot: int) -> None:
        if request.id < 0:
            self.do(command, request.bank, slot)
            if command in (REF, REFSB):
                self.refreshes -= 1
                self.node += 1
        elif command == ACT:
            self.do(ACT, request.bank, slot, request.row)
            self.queues[request.op].remove(request)
            self.active.append(request)
            if self.std["second_within"] > 0:
                self.opening = request, slot + int(self.std["second_within"])
        elif command == PRE:
            self.do(PRE, request.bank, slot)
        else:
            self.do(command, request.bank, slot, request.row, request.column)
            (self.active if request in self.active else self.queues[request.op]).remove(request)
            self.served += 1
            if command == RD:
                end = slot + int(self.std["read_latency"]) + int(self.std["burst"])
                self.pending.append((end, request))

    def two_part(self, slot: int) -> None:
        """A slot of a channel with activations in halves and a data clock that stops."""
        if self.synced is not None:
            command = WR if self.synced.op else RD
            if self.ready(command, self.synced.bank, slot):
                request, self.synced = self.synced, None
                self.column(command, request, slot)
            return
        if self.opening and self.opening[1] <= slot:
            self.second_half(slot)
            return
        found = self.first_active(slot) or self.first_refresh(slot) or self.first_queued(slot, (0, 1))
        if found is None:
            if self.opening:
                self.second_half(slot)
        elif found[0] not in (RD, WR):
            self.issue(*found, slot)
        elif slot < self.clock_until:
            self.column(*found, slot)
        elif self.opening and self.opening[1] <= slot + 1:
            self.second_half(slot)
        else:
            self.synced = found[1]
            self.do(CAS, found[1].bank, slot)

    def column(self, command: int, request: Request, slot: int) -> None:
        latency = self.std["read_latency"] if command == RD else self.std["write_latency"]
        tail = self.standard.timings_ck["tWCKPST"] * self.per_clock
        self.clock_until = max(self.clock_until, slot + int(latency) + int(self.std["burst"]) + tail)
        self.issue(command, request, slot)

    def second_half(self, slot: int) -> None:
        assert self.opening is not None
        request = self.opening[0]
        self.do(ACT2, request.bank, slot, request.row)
        self.opening = None


class KeepHits(FirstReady):
    """`frfcfs-rowhit`."""

    keep_hits = True


class PerBank(Channel):
    """`per-bank`, without the drain at the end: it stops where the controller it follows would idle for ever."""

    def run(self, slots: int = 400_000) -> list[tuple[int, int, int, int, int]]:
        self.waiting: tuple[list[Request], list[Request]] = ([], [])
        self.banks: list[list[Request]] = [[] for _ in range(self.standard.banks)]
        self.hits = [0] * self.standard.banks
        self.cut: dict[int, Request] = {}
        self.pending: tuple[list[Request], list[Request]] = ([], [])
        self.back: list[tuple[int, Request]] = []
        self.turn = self.draining = self.refreshes = self.node = 0
        self.in_flight = self.left = 0
        for slot in range(1, slots):
            self.offer(slot)
            self.in_flight -= sum(when <= slot for when, _ in self.back)
            self.back = [(when, r) for when, r in self.back if when > slot]
            self.refreshes += self.due(slot)
            self.tick(slot)
            self.move()
            idle = not any(self.banks) and not self.waiting[0] and len(self.waiting[1]) <= 8
            if self.offered == len(self.all) and idle:
                self.left = len(self.waiting[1])
                return self.commands
        raise AssertionError("requests are left")

    def offer(self, slot: int) -> None:
        request = self.next_offer(slot, self.in_flight)
        if request is None or len(self.waiting[request.op]) >= 32:
            return
        self.offered += 1
        request.accepted = slot
        self.in_flight += request.op == 0
        if any(request.same_burst(w) for w in self.pending[1]):
            if request.op == 0:
                self.back.append((slot + 1, request))
            return
        known = request.op == 0 and any(request.same_burst(r) for r in self.pending[0])
        self.pending[request.op].append(request)
        if not known:
            self.waiting[request.op].append(request)

    def tick(self, slot: int) -> None:
        if self.refreshes:
            self.refresh_step(slot)
            return
        first = self.ask(slot)
        if first is None:
            return
        self.issue(*first, slot)
        if not self.std["single_bus"]:
            second = self.ask(slot, again=True)
            if second is not None and self.ready(second[0], second[1], slot):
                self.issue(*second, slot)

    def refresh_step(self, slot: int) -> None:
        banks = self.node_banks(self.node)
        for bank in banks:
            if self.row(bank) == CLOSED:
                continue
            unserved = self.banks[bank][0] if self.hits[bank] == 0 else None
            if unserved is not None and self.cut.get(bank) is unserved:
                command = self.needs(unserved)
                if self.rising(slot) and self.ready(command, bank, slot):
                    self.issue(command, bank, unserved, slot)
                    return
            elif self.ready(PRE, bank, slot):
                if unserved is not None:
                    self.cut[bank] = unserved
                self.do(PRE, bank, slot)
                self.hits[bank] = 0
                return
        command = REFSB if self.one_by_one else REF
        closed = all(self.row(b) == CLOSED for b in banks)
        if closed and self.rising(slot) and self.ready(command, banks[0], slot):
            self.do(command, banks[0], slot)
            self.refreshes -= 1
            self.node += 1

    def ask(self, slot: int, again: bool = False) -> tuple[int, int, Request] | None:
        for _ in range(self.standard.banks):
            self.turn = (self.turn + 1) % self.standard.banks
            found = self.ask_bank(self.turn, slot, again)
            if found is not None:
                return found
        return None

    def ask_bank(self, bank: int, slot: int, again: bool) -> tuple[int, int, Request] | None:
        queue, row = self.banks[bank], self.row(bank)
        for position, request in enumerate(queue):
            command = self.needs(request)
            if not self.ready(command, bank, slot, bus=not again):
                continue
            if command != PRE and not self.rising(slot):
                continue
            used = any(r.row == row for r in queue) and self.hits[bank] < 4
            if command == PRE and (position > 0 or used):
                continue
            before = queue[:position]
            if command == WR and any(r.op == 0 and r.same_burst(request) for r in before):
                continue
            return command, bank, request
        return None

    def issue(self, command: int, bank: int, request: Request, slot: int) -> None:
        if command == ACT:
            self.do(ACT, bank, slot, request.row)
        elif command == PRE:
            self.do(PRE, bank, slot)
            self.hits[bank] = 0
        else:
            self.do(command, bank, slot, request.row, request.column)
            self.hits[bank] += 1
            self.banks[bank].remove(request)
            done = [r for r in self.pending[request.op] if r.same_burst(request)]
            for r in done:
                self.pending[request.op].remove(r)
            if command == RD:
                end = slot + int(self.std["read_latency"]) + int(self.std["burst"])
                self.back += [(end, r) for r in done]

    def move(self) -> None:
        writes = self.waiting[1]
        if self.draining == 0 and (len(writes) >= 32 or (len(writes) > 8 and not any(self.banks))):
            self.draining = len(writes)
        queue = self.waiting[1 if self.draining else 0]
        for request in queue:
            if len(self.banks[request.bank]) < 8:
                if request.op == 1:
                    if any(request.same_burst(r) for r in self.pending[0]):
                        self.draining = 0
                        if len(writes) > 8 and not any(self.banks):  # the read would wait for ever: it passes
                            read = self.waiting[0].pop(0)
                            self.banks[read.bank].append(read)
                        return
                    self.draining -= 1
                self.banks[request.bank].append(request)
                queue.remove(request)
                return
