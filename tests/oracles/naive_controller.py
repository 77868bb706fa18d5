"""Naive queued controller, slot by slot: FR-FCFS over a read and a write queue, open page, all-bank refresh.

What happens in one slot, in this order:

1. Write mode begins when the write queue is filled above `high` of its size or no read waits, and ends when
   it is filled below `low` and a read waits. Only the reads, or in write mode only the writes, are looked at.
2. A request for whose sake ACT has been issued has left its queue and is `started`: of these the oldest whose
   column command is legal goes before everything else, in either mode, and its row is not closed before.
3. A pseudo-channel whose refresh is due (every multiple of tREFI) starts no request until PREA (if a bank is
   open; when no started request is left) and REF have been issued.
4. Each remaining bus (row and column, or one for both) takes the oldest request whose next command is for it
   and is legal now: its column command if its row is open, PRE if another is open, ACT if the bank is closed.
   `frfcfs` lets a legal PRE close a row that younger requests still hit; `frfcfs-rowhit` does not.
5. At the first slot of a clock the next request is offered, if its time `at` has come and fewer than
   `max_outstanding` reads are in flight. It is refused, and blocks all later ones, while its queue holds
   `queue` requests. A read of an address waiting in the write queue is answered from there one clock later; a
   write to such an address replaces it. Both leave no trace in the queues. An accepted request can be served
   from the next slot on.

Step 2 is not in the description of the golden runs but follows from their numbers: random reads use exactly
one ACT each, refresh or not, and mean latency times rate is 32 + the reads between ACT and data.

A read completes when its last data beat has arrived, a write when its command issues.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.oracles.dram_channel import Burst, Channel, column_command, needed_row_command
from tests.oracles.jedec_rules import COLUMN_COMMANDS, FAMILIES, Command, Geometry


class Request(NamedTuple):
    """One burst: op RD or WR, its coordinates, and the clock before which it is not offered."""

    op: str
    pc: int
    bank_group: int
    bank: int
    row: int
    column: int
    at: int = 0


class Settings(NamedTuple):
    """Controller parameters; queue sizes in requests, watermarks as fractions of the write queue."""

    scheduler: str = "frfcfs"
    queue: int = 32
    high: float = 0.8
    low: float = 0.2
    refresh: bool = True
    max_outstanding: int = 0
    slots_per_ck: int = 1


class Result(NamedTuple):
    """Commands in order of issue; slot of acceptance and of completion of every request."""

    commands: list[Command]
    accepted: list[int]
    completed: list[int]


class Controller:
    """Queues of one channel; a queue entry is the request's position in the list."""

    def __init__(
        self,
        requests: Sequence[Request],
        timing: Mapping[str, int],
        geometry: Geometry,
        family: str,
        settings: Settings,
    ) -> None:
        self.requests, self.timing, self.geometry, self.settings = requests, timing, geometry, settings
        self.split = FAMILIES[family].split_bus
        self.channel = Channel(timing, geometry)
        self.queues: dict[str, list[int]] = {"RD": [], "WR": []}
        self.started: list[int] = []
        self.write_mode = False
        self.accepted: list[int] = []
        self.completed = [-1] * len(requests)
        self.refreshes = [0] * geometry.pseudo_channels

    def offer(self, slot: int) -> None:
        """Step 5: take the next request, or leave it at the door."""
        clock = self.settings.slots_per_ck
        index = len(self.accepted)
        if slot % clock or index == len(self.requests) or self.requests[index].at * clock > slot:
            return
        request = self.requests[index]
        most = self.settings.max_outstanding
        if most and most <= sum(self._in_flight(i, slot) for i in range(index)):
            return
        if any(self.requests[i][1:6] == request[1:6] for i in self.queues["WR"]):
            self.completed[index] = slot + (clock if request.op == "RD" else 0)
        elif len(self.queues[request.op]) == self.settings.queue:
            return
        else:
            self.queues[request.op].append(index)
        self.accepted.append(slot)

    def _in_flight(self, index: int, slot: int) -> bool:
        return self.requests[index].op == "RD" and not 0 <= self.completed[index] <= slot

    def choose_mode(self) -> None:
        """Step 1: write drain with two watermarks."""
        reads, writes = len(self.queues["RD"]), len(self.queues["WR"])
        filled = writes / self.settings.queue
        if not self.write_mode:
            self.write_mode = filled > self.settings.high or (reads == 0 and writes > 0)
        else:
            self.write_mode = writes > 0 and not (filled < self.settings.low and reads > 0)

    def refresh(self, pc: int, slot: int) -> Command | None:
        """Step 3: what a due refresh of a pseudo-channel needs next; None while none is due."""
        due = (self.refreshes[pc] + 1) * self.timing.get("tREFI", 0)
        if not self.settings.refresh or slot < due:
            return None
        any_open = any(where[0] == pc for where in self.channel.open)
        return Command(slot, "PREA" if any_open else "REF", pc)

    def next_command(self, index: int, slot: int) -> Command:
        """The command that brings a request forward."""
        request = self.requests[index]
        burst = Burst(request.op, request.pc, request.bank_group, request.bank, request.row)
        return needed_row_command(self.channel, burst, slot) or column_command(burst, slot)

    def _wants_open_row(self, index: int, command: Command) -> bool:
        request = self.requests[index]
        bank = command.bank_group * self.geometry.banks_per_group + command.bank
        row = self.channel.open.get((command.pc, bank))
        return (*request[1:4], request.row) == (command.pc, command.bank_group, command.bank, row)

    def may_close(self, command: Command, queue: list[int]) -> bool:
        """Whether no started request, and under rowhit none of the queue, needs the row a PRE closes."""
        needing = self.started + (queue if self.settings.scheduler == "frfcfs-rowhit" else [])
        return command.name != "PRE" or not any(self._wants_open_row(i, command) for i in needing)

    def oldest_started(self, slot: int) -> tuple[int, Command] | None:
        """Step 2: the oldest started request whose column command is legal."""
        for index in sorted(self.started):
            command = self.next_command(index, slot)
            if self.channel.legal(command):
                return index, command
        return None

    def oldest_legal(self, slot: int, buses: tuple[str, ...]) -> tuple[int, Command] | None:
        """Step 4: the oldest request whose next command is for one of the buses and legal."""
        queue = self.queues["WR" if self.write_mode else "RD"]
        for index in queue:
            command = self.next_command(index, slot)
            bus = "column" if command.name in COLUMN_COMMANDS else "row"
            waits = bus not in buses or self.refresh(command.pc, slot) is not None
            if not waits and self.may_close(command, queue) and self.channel.legal(command):
                return index, command
        return None

    def issue(self, index: int, command: Command) -> None:
        """Issue a command for a request and move the request on."""
        self.channel.issue(command)
        queue = self.queues[self.requests[index].op]
        if command.name == "ACT":
            queue.remove(index)
            self.started.append(index)
        elif command.name in COLUMN_COMMANDS:
            (self.started if index in self.started else queue).remove(index)
            read = self.timing["tCL"] + self.timing["burst"]
            self.completed[index] = command.slot + (read if command.name == "RD" else 0)

    def serve(self, slot: int) -> None:
        """Steps 1 to 4."""
        self.choose_mode()
        free = [("column",), ("row",)] if self.split else [("row", "column")]
        found = self.oldest_started(slot)
        if found:
            self.issue(*found)
            free.pop(0)
        for pc in range(self.geometry.pseudo_channels):
            command = self.refresh(pc, slot)
            held = any(self.requests[i].pc == pc for i in self.started)
            if command and not held and free and "row" in free[-1] and self.channel.legal(command):
                self.channel.issue(command)
                self.refreshes[pc] += command.name == "REF"
                free.pop()
        for buses in free:
            found = self.oldest_legal(slot, buses)
            if found:
                self.issue(*found)


def simulate(
    requests: Sequence[Request],
    timing: Mapping[str, int],
    geometry: Geometry,
    family: str,
    settings: Settings = Settings(),  # noqa: B008 - immutable
    give_up: int = 1_000_000,
) -> Result:
    """Serve every request.

    Raises
    ------
    RuntimeError
        when requests are left at slot `give_up`.
    """
    controller = Controller(requests, timing, geometry, family, settings)
    for slot in range(give_up):
        waiting = any(controller.queues.values()) or bool(controller.started)
        if len(controller.accepted) == len(requests) and not waiting:
            return Result(controller.channel.issued, controller.accepted, controller.completed)
        controller.serve(slot)
        controller.offer(slot)
    raise RuntimeError(f"{controller.completed.count(-1)} requests were not served by slot {give_up}.")
