"""The per-bank controller clock by clock, with plain lists: what the event-driven one must equal command by command."""

from tests.arch.dram.ticked import CLOSED, Channel, Request

from bankside.arch.dram.device.commands import ACT, PRE, RD, REF, REFSB, WR


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
