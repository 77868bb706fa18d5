"""A flash channel tick by tick, from its definition: slow, plain Python, nothing of arch.dram.

Planes hold pages; page p lies in plane p mod planes, burst b in page b div bursts-per-page. A plane works on one page
at a time, in order: it senses (tR) a page into one of its registers, or programs (tPROG) a page that has come into
one. A page that is read keeps its register until its last burst has left over the channel's bus; a page left in the
middle by the end of a stream keeps it until the next stream arrives, which may go on with it. A written page takes a
register with its first burst and keeps it until it is programmed.

Bursts pass the bus in order, none before its stream has arrived, at least `min_gap` slots from start to start within a
stream. A plane starts the next page of its own as soon as it is idle and has a register: pages of all streams that
have arrived, and with sequential read-ahead the pages that follow the last one. A stream that goes elsewhere, or
writes, drops what was read ahead: those registers are free and those planes idle at once.

A stream ends when its last burst has passed, or its last page is programmed; no stream before the one before it.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Device:
    """Times in slots: `burst` on the bus, `sense` = tR, `program` = tPROG; `registers` of each plane."""

    planes: int
    page_bursts: int
    burst: int
    sense: int
    program: int
    registers: int
    sequential: bool


@dataclass(frozen=True)
class Stream:
    """Bursts first, first + stride, ... known from slot `arrival` on."""

    write: bool
    first: int
    stride: int
    count: int
    min_gap: int
    arrival: int


@dataclass
class Job:
    """A page to read or write: bursts still to pass, whether it keeps its register after them, times."""

    page: int
    write: bool
    bursts: int = 0
    keeps: bool = False
    registered: bool = False
    started: bool = False
    done_at: int | None = None
    sent_at: int | None = None


@dataclass
class Channel:
    """Jobs of each plane in order, and the bursts of all streams in order as (stream, job)."""

    device: Device
    planes: list[list[Job]] = field(default_factory=list)
    queue: list[tuple[int, Job]] = field(default_factory=list)
    last: Job | None = None
    last_burst: int = -1
    ahead: list[Job] = field(default_factory=list)

    def plan(self, job: Job) -> Job:
        """Put a job at the end of its plane's list."""
        self.planes[job.page % self.device.planes].append(job)
        return job

    def arrive(self, number: int, stream: Stream) -> None:
        """Turn a stream into jobs, with the pages that were read ahead where it goes on with them."""
        size = self.device.page_bursts
        reading = self.last is not None and not self.last.write and not stream.write
        current = self.last if reading and self.last and stream.first // size == self.last.page else None
        for i in range(stream.count):
            burst = stream.first + i * stream.stride
            page = burst // size
            if current is None or current.page != page:
                if self.last is not None:
                    self.last.keeps = False
                if self.ahead and not stream.write and page == self.ahead[0].page:
                    current = self.ahead.pop(0)
                else:
                    self.drop()
                    current = self.plan(Job(page, stream.write))
                self.last = current
            current.bursts += 1
            current.sent_at = None
            self.queue.append((number, current))
            self.last_burst = burst
        if self.last is not None:
            self.last.keeps = not stream.write and self.last_burst % size != size - 1
            self.read_ahead()

    def drop(self) -> None:
        """Forget what was read ahead."""
        for job in self.ahead:
            self.planes[job.page % self.device.planes].remove(job)
        self.ahead = []

    def read_ahead(self) -> None:
        """Have more pages wanted than the registers hold."""
        if not self.device.sequential or self.last is None or self.last.write:
            return
        upto = self.last.page + self.device.planes * (self.device.registers + 1)
        start = (self.ahead[-1] if self.ahead else self.last).page + 1
        self.ahead += [self.plan(Job(page, False)) for page in range(start, upto + 1)]

    def work(self, slot: int) -> None:
        """Free registers, and let every idle plane start its next job."""
        for jobs in self.planes:
            while jobs and self.finished(jobs[0], slot):
                jobs.pop(0)
            if any(job.started and (job.done_at or 0) > slot for job in jobs):
                continue
            job = next((one for one in jobs if not one.started), None)
            if job is None:
                continue
            if job.write:
                begin = job.bursts == 0 and job.sent_at is not None and job.sent_at <= slot
            else:
                begin = self.free_register(job)
            if begin:
                job.started = job.registered = True
                job.done_at = slot + (self.device.program if job.write else self.device.sense)

    def finished(self, job: Job, slot: int) -> bool:
        """Whether a job needs its register no more."""
        if job.done_at is None or job.done_at > slot or job.keeps or job in self.ahead:
            return False
        return job.write or (job.bursts == 0 and job.sent_at is not None and job.sent_at <= slot)

    def free_register(self, job: Job) -> bool:
        """Whether the job's plane has one."""
        jobs = self.planes[job.page % self.device.planes]
        return sum(one.registered for one in jobs) < self.device.registers

    def may_pass(self, job: Job, slot: int) -> bool:
        """Whether a burst of the job finds its page in a register."""
        if job.write:
            return job.registered or self.free_register(job)
        return job.done_at is not None and job.done_at <= slot


def serve(device: Device, streams: list[Stream]) -> list[int]:
    """Slot at which each stream ends; streams stand in order of their arrival."""
    channel = Channel(device, [[] for _ in range(device.planes)])
    coming = list(enumerate(streams))
    ends = [stream.arrival for stream in streams]
    jobs: list[list[Job]] = [[] for _ in streams]
    slot = bus_free = 0
    before: tuple[int, int] | None = None  # stream and start of the last burst
    while coming or channel.queue or any(job.done_at is None for each in jobs for job in each):
        while coming and coming[0][1].arrival <= slot:
            number, stream = coming.pop(0)
            if stream.count:
                channel.arrive(number, stream)
                jobs[number] = [job for n, job in channel.queue if n == number]
        channel.work(slot)
        if channel.queue and bus_free <= slot:
            number, job = channel.queue[0]
            gap = streams[number].min_gap if before is not None and before[0] == number else 0
            if (before is None or before[1] + gap <= slot) and channel.may_pass(job, slot):
                channel.queue.pop(0)
                before, bus_free = (number, slot), slot + device.burst
                job.registered = True
                job.bursts -= 1
                job.sent_at = bus_free
                ends[number] = max(ends[number], bus_free)
        slot += 1
    for number, own in enumerate(jobs):
        programmed = [job.done_at or 0 for job in own if job.write]
        ends[number] = max([ends[number], *programmed, *ends[number - 1 : number]])
    return ends
