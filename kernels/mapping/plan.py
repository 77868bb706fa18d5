"""Who runs what, where every tensor lies from one operator to the next, and how each operator is dealt and tiled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bankside.arch.machine.machine import Core, Machine
from bankside.kernels.mapping.cores import hub_of
from bankside.kernels.mapping.mappers import MAPPERS
from bankside.kernels.mapping.memo import Memo, own_memo
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.pinning import Pins
from bankside.kernels.mapping.scene import Bench, Mapper, Scene, Sharer
from bankside.kernels.operators import Kernel, Operator
from bankside.kernels.plan.operator_plan import PhasePlan, Plan, Step
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.places import Places


def plan(
    machine: Machine,
    kernel: Kernel,
    *,
    pins: Sequence[PinSpec] = (),
    room_byte: Mapping[str, float] | None = None,
    memo: Memo | None = None,
    fold: bool = True,
) -> Plan:
    """The plan of a kernel.

    Parameters
    ----------
    pins
        What the user says of it.
    room_byte
        What is free of each memory [byte]; without it, what each operator by itself leaves.
    memo
        Decisions that may serve again; see `Memo`. Without one, that of the thread.
    fold
        Let channels remember what they have served in trials; False serves it all and decides the same.

    Raises
    ------
    ConfigError
        If no core can run an operator, no tile of it fits, or what is pinned is none that the core has.
    """
    told, count = Pins(pins), Counter[str]()
    phases = [_parts(machine, phase.operators, count, told) for phase in kernel.phases]
    told.check_names(kernel.name, [part.key for parts in phases for part in parts])
    if memo is None:
        memo = own_memo() if fold else Memo()
    planner = _Planner(machine, told, room_byte or {}, memo, fold)
    made = Plan(tuple(planner.phase(parts) for parts in phases))
    told.check(step.plan for phase in made.phases for step in phase.steps)
    return made


@dataclass(frozen=True)
class _Part:
    """An operator that runs, or a part of number `which` of its phase's, of which it is line `line` in reports: who
    computes it, and where its activations wait."""

    which: int
    line: int
    op: Operator
    key: str
    core: Core
    home: Core
    mapper: Mapper
    note: str = ""


def _parts(machine: Machine, operators: Sequence[Operator], count: Counter[str], told: Pins) -> list[_Part]:
    found = []
    for which, whole in enumerate(operators):
        mapper = MAPPERS.of(whole)
        pin = told.of(f"{whole.label}#{count[whole.label] + 1}")
        parts = mapper.parts(mapper.pinned(machine, whole, pin), whole)
        first = 1 if len(whole.lines) > len(parts) > 1 else 0
        for part, op in enumerate(parts):
            own = MAPPERS.of(op)
            count[op.label] += 1
            line, key = (first + part if first else 0), f"{op.label}#{count[op.label]}"
            core = own.pinned(machine, op, told.of(key))
            home = hub_of(machine, core) if core.in_dram_die else core
            note = _kept_between(whole, parts) if line == first == 1 else ""
            found.append(_Part(which, line, op, key, core, home, own, note))
    return found


def _kept_between(whole: Operator, parts: Sequence[Operator]) -> str:
    """What operators that no core does in one leave between their parts."""
    byte = sum(op.out_bytes for op in parts[:-1])
    return (
        f"{whole.label}: its core has no unit for all of it, so its {len(parts)} parts run after one another, and what "
        f"passes between them, {byte} byte, is kept whole: scores go to memory where the SRAM does not hold them."
    )


@dataclass(frozen=True)
class _Planner:
    machine: Machine
    pins: Pins
    room_byte: Mapping[str, float]
    memo: Memo
    fold: bool

    def phase(self, parts: Sequence[_Part]) -> PhasePlan:
        """One operator after the other, each where those before it left its input."""
        start = self._start(parts)
        places, steps = Places(start), []
        for i, part in enumerate(parts):
            places.arrive(part.op.carried, part.home.name, part.home.nodes)
            decided = part.mapper.decide(self._scene(parts, i, places), part.op)
            if part.note:
                decided = replace(decided, notes=(*decided.notes, part.note))
            places.apply(part.op, decided)
            steps.append(Step(part.which, part.op, decided, part.line))
        return PhasePlan(start, tuple(steps))

    def _start(self, parts: Sequence[_Part]) -> Placement:
        """Where the phase's input lies: in even shares of its rows, in a memory that can be written."""
        first = parts[0].home
        core = self.machine.primary if first.memory.flash else first
        return Placement(core.name, (("rows", core.nodes),), core.memory.name)

    def _scene(self, parts: Sequence[_Part], i: int, places: Places) -> Scene:
        part = parts[i]
        room_byte = self.room_byte.get(part.core.memory.name)
        bench = Bench(self.machine, part.core, self.memo, room_byte, self.fold)
        sharers = []
        for at in range(i, len(parts)):
            other = parts[at]
            if other.mapper is not part.mapper:
                break
            if other.core is part.core and _first_carried(other.op) == _first_carried(part.op):
                last = at == len(parts) - 1 and not other.core.memory.flash
                sharers.append(Sharer(other.op, last, self.pins.of(other.key)))
        final = i == len(parts) - 1
        return Scene(bench, part.key, part.home, places, final, tuple(sharers), self.pins.of(part.key))


def _first_carried(op: Operator) -> str | None:
    """Name of the first tensor that comes to the nodes; None where all that is read rests."""
    return next((tensor.name for tensor in op.carried), None)
