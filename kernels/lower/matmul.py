"""Matrix products on cores that read through the tap: tile trains with two buffers per operand."""

from dataclasses import dataclass
from functools import cache

from bankside.arch import events as ev
from bankside.arch.causes import SRAM_BANDWIDTH
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.kernels.lower.cost import macs_per_cycle, steady_and_fill, tile_cycles
from bankside.kernels.lower.move import exchange
from bankside.kernels.lower.split import Split
from bankside.kernels.lower.state import Lowering, NodeClass
from bankside.kernels.lower.stream import Tape, fill_rate, way
from bankside.kernels.mapping import Mapping, Problem, Resources, choose
from bankside.kernels.operators import MatMul

UNBOUNDED_SRAM_BYTES = 64 * 1024  # a core without a scratchpad streams through registers of this size


def resources(low: Lowering, core: Core) -> Resources:
    """What one node of `core` offers to a matrix product."""
    unit, sram = core.spec.matmul, core.spec.sram
    rate, latency_s = way(low, core)
    systolic = unit is not None and unit.unit == "systolic"
    return Resources(
        cores=core.cores,
        sram_bytes=sram.size if sram else UNBOUNDED_SRAM_BYTES,
        sram_bytes_per_cycle=sram.banks * sram.width if sram else float("inf"),
        bandwidth_bytes_per_s=min(
            rate, fill_rate(core), core.channels * core.memory.channel_peak(core.level)
        ),
        latency_s=latency_s + access_latency_s(core),
        clock_hz=core.spec.clock,
        rows=unit.rows if systolic and unit else 1,
        cols=unit.cols * unit.arrays if systolic and unit else 1,
        cycles=tile_cycles(unit, core.spec.vector),
    )


def access_latency_s(core: Core) -> float:
    """Opening a row and the first burst's way to the channel's edge [s]; nothing for an SRAM store.

    Flash that reads ahead has its pages in registers before they are asked for.
    """
    standard, flash = core.memory.standard, core.memory.flash
    if flash is not None:
        dev = flash.packed[0]
        slots = int(dev["burst"]) + (0 if dev["sequential"] else int(dev["sense"]))
        return slots * flash.slot_fs / FS_PER_S
    if standard is None:
        return 0.0
    opening = max(standard.timings_ck.get("tRCD", 0), standard.timings_ck.get("tRCDRD", 0))
    slots = opening * standard.spec.slots_per_ck + int(
        standard.packed[0]["read_latency"] + standard.packed[0]["burst"]
    )
    return slots * standard.slot_fs / FS_PER_S


def on_chip_bytes(core: Core) -> float:
    """Bytes of activations that a node keeps on chip: half of its scratchpads, the tiles have the other half."""
    return core.cores * core.spec.sram.size / 2 if core.spec.sram else 0.0


def lower_matmul(low: Lowering, core: Core, op: MatMul, label: int, last: bool) -> None:
    """Lower one product: operand a to every node, a tile train on each, results left split over the nodes."""
    split = Split(op.batch, op.n, core.nodes)
    a_resident = op.a_bytes / (op.batch if op.batch > 1 else 1) <= on_chip_bytes(core)
    bring_operand(low, core, op, label, a_resident)
    for node in low.groups[core.name]:
        share = split.share(node.first)
        if share.items == 0:
            continue
        problem = Problem(
            share.items, op.m, share.inner, op.k,
            op.a_format.bits / 8, op.b_format.bits / 8, op.out_format.bits / 8,
            a_from_memory=not a_resident,
            out_to_memory=not core.memory.flash and (
                last or op.cached or spills(core, op, share.items * share.inner)
            ),
        )  # fmt: skip
        mapping = choose(problem, resources(low, core))
        _Train(low, core, node, label, problem, mapping).emit()
        if node.first == 0:
            low.mappings.append(
                {"label": op.label, "core": core.name, "nodes": split.active} | mapping.as_dict()
            )
    low.layout = "split"


def spills(core: Core, op: MatMul, node_columns: float) -> bool:
    """Whether the results of a node are more than it keeps on chip [output columns of the node]."""
    return op.m * node_columns * op.out_format.bits / 8 > on_chip_bytes(core)


def bring_operand(low: Lowering, core: Core, op: MatMul, label: int, resident: bool) -> None:
    """Give every node operand a in full: read each node's share from memory if it lies there, then gather."""
    share_byte = op.a_bytes / core.nodes
    if op.same_input:
        return
    if low.layout == "memory" and resident:
        for node in low.groups[core.name]:
            node.tail = Tape(low, core, node, label).move(share_byte, node.tail) or node.tail
    if low.layout != "full":
        exchange(low, core, label, "all_gather", share_byte)
    low.layout = "full"


@dataclass
class _Train:
    """The tiles of one node class, in order; loops m, then n and k by the mapping's order."""

    low: Lowering
    core: Core
    node: NodeClass
    label: int
    problem: Problem
    mapping: Mapping

    def __post_init__(self) -> None:
        p, m = self.problem, self.mapping
        self.core_m = -(-p.m // m.m_cores)
        self.core_n = -(-p.n // m.n_cores)
        self.reads = Tape(self.low, self.core, self.node, self.label)
        self.writes = Tape(self.low, self.core, self.node, self.label, write=True)
        self.cycles = tile_cycles(self.core.spec.matmul, self.core.spec.vector)

    def emit(self) -> None:
        """Emit reads, tiles and writes; the node's tail is then the last tile and its write."""
        p, m, node = self.problem, self.mapping, self.node
        start = list(node.tail)
        tail = start
        for first_item in range(0, p.batch, m.batch_cores):
            items = min(m.batch_cores, p.batch - first_item)
            held: tuple[int, int] | None = None
            for mi in range(0, self.core_m, m.mt):
                mt = min(m.mt, self.core_m - mi)
                held_a: int | None = None
                for ni, ki in self._inner():
                    nt, kt = min(m.nt, self.core_n - ni), min(m.kt, p.k - ki)
                    want = 0.0
                    if held != (ni, ki):
                        want += items * self._columns(ni, nt) * kt * p.b_bytes
                        held = (ni, ki)
                    if p.a_from_memory and held_a != ki:
                        want += items * self._rows(mi, mt) * kt * p.a_bytes
                        held_a = ki
                    ready = self.reads.move(want, (start if p.a_from_memory else []) + node.free_slot())
                    tile = self._tile(mt, nt, kt, ready + start)
                    node.slots = [*node.slots, tile][-2:]
                    tail = [tile]
                    if p.out_to_memory and ki + kt >= p.k:
                        done = self._rows(mi, mt) * self._columns(ni, nt) * items * p.out_bytes
                        tail = self.writes.move(done, [tile]) or tail
        node.tail = tail
        self._count()

    def _inner(self) -> list[tuple[int, int]]:
        ns, ks = range(0, self.core_n, self.mapping.nt), range(0, self.problem.k, self.mapping.kt)
        if self.mapping.order == "nk":
            return [(n, k) for n in ns for k in ks]
        return [(n, k) for k in ks for n in ns]

    def _columns(self, ni: int, nt: int) -> int:
        """Columns that all cores of the node cover in this step."""
        cores, n = self.mapping.n_cores, self.problem.n
        return min(n, (ni + nt) * cores) - min(n, ni * cores)

    def _rows(self, mi: int, mt: int) -> int:
        cores, m = self.mapping.m_cores, self.problem.m
        return min(m, (mi + mt) * cores) - min(m, mi * cores)

    def _tile(self, mt: int, nt: int, kt: int, deps: list[int]) -> int:
        _, cycles, unit = self.cycles(mt, nt, kt)
        costs = list(steady_and_fill(self.core.spec, mt, nt, kt, cycles))
        sram = self.core.spec.sram
        if sram is not None:
            operand_byte = kt * (mt * self.problem.a_bytes + nt * self.problem.b_bytes)
            port = -(-operand_byte // (sram.banks * sram.width))
            if port > cycles:
                costs.append((SRAM_BANDWIDTH, int(port) - cycles))
        on = self.node.matrix if unit == "matrix" else self.node.vector
        return self.low.builder.fixed(on, self.label, costs, deps)

    def _count(self) -> None:
        """MACs, and operand bytes through the scratchpad once per tile."""
        p, m, count = self.problem, self.mapping, self.node.count
        macs = p.batch * p.m * p.n * p.k
        self.low.count(self.core.owner, ev.MAC, macs * count)
        n_tiles, m_tiles = -(-self.core_n // m.nt), -(-self.core_m // m.mt)
        read = p.batch * p.k * (p.m * p.a_bytes * n_tiles * m.n_cores + p.n * p.b_bytes * m_tiles * m.m_cores)
        self.low.count(self.core.owner, ev.SRAM_READ, round(read) * count)


@cache
def peak_macs_per_s(core: Core) -> float:
    """Peak rate of all cores of a kind."""
    return core.count * macs_per_cycle(core.spec.matmul, core.spec.vector) * core.spec.clock
