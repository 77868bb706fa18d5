"""First-ready controllers clock by clock, with plain lists: what the event-driven ones must equal command by command.

They and the per-bank one of `ticked_banks` look at every request of a queue in every slot and ask the bank state when
its next command may come. Slots are counted as the event-driven runs count them: the first request is offered in
slot 1.
"""

from dataclasses import dataclass, field

from bankside.arch.dram.banks.bank import by_rules, issue, new_state
from bankside.arch.dram.channel.requests import Requests
from bankside.arch.dram.device.commands import ACT, ACT2, CAS, PRE, PREA, RD, REF, REFSB, WR
from bankside.arch.dram.device.standard import Standard

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
        self.now = self.state[0]
        self.rows, self.bus_free = self.now["row"], self.now["bus_free"]
        self.bus: list[int] = self.std["bus"].tolist()
        self.earliest: dict[tuple[int, int], int] = {}  # by the rules, until the next command
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
        return int(self.rows[bank])

    def ready(self, command: int, bank: int, slot: int, bus: bool = True) -> bool:
        if bus and int(self.bus_free[self.bus[command]]) >> 5 > slot:
            return False
        if (command, bank) not in self.earliest:
            self.earliest[command, bank] = by_rules(self.std, self.now, command, bank) >> 5
        return self.earliest[command, bank] <= slot

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
            self.earliest.clear()
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
