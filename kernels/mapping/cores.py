"""Which core computes: the nearest to the data that can; of products beside PIM the one that takes less time."""

import math
from collections.abc import Iterable

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.once import once
from bankside.arch.machine.spec import LEVELS, Level
from bankside.arch.pe.product import FASTER, FASTEST
from bankside.arch.pe.unit import PRODUCT
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import computed_as
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.pim.banks import Banks
from bankside.kernels.mapping.bank_pieces import bound, piece_of, pieces_of, trial_s
from bankside.kernels.operators import MatMul, Role
from bankside.kernels.plan.multipliers import units_for
from bankside.kernels.plan.split import Split
from bankside.kernels.plan.tiling import SKINNY


def multiplies(core: Core) -> bool:
    """Whether the core has a unit for matrix products."""
    return core.spec.can(PRODUCT)


def nearest(cores: Iterable[Core], level: Level) -> Core | None:
    """The core whose tap is closest to `level`, the inner one on a tie; one on flash only if there is no other."""
    at = LEVELS.index(level)
    return min(
        cores,
        key=lambda c: (c.memory.flash is not None, abs(LEVELS.index(c.level) - at), LEVELS.index(c.level)),
        default=None,
    )


def hub_of(machine: Machine, core: Core) -> Core:
    """The core where activations wait between PIM operators: the nearest outside the die with a nonlinear unit.

    Raises
    ------
    ConfigError
        If there is none.
    """
    outside = [c for c in machine.cores.values() if not c.in_dram_die and c.spec.can("softmax")]
    hub = nearest(outside, core.level)
    if hub is None:
        raise ConfigError(
            [
                f"Machine {machine.name}: core {core.name} computes inside the DRAM die and no core outside it has a "
                "nonlinear unit; add one (for example a host core with nonlinear: {method: exact, lanes: 512})."
            ]
        )
    return hub


def nearest_function(machine: Machine, label: str, function: str) -> Core:
    """The core that computes a row-wise function: of those that can, the nearest to the primary one; the hub of work
    inside the DRAM die.

    Raises
    ------
    ConfigError
        If no core can.
    """
    able = [core for core in machine.cores.values() if core.spec.can(function)]
    found = nearest(able, machine.primary.level)
    if found is None:
        raise _none(machine, label)
    inside = found.in_dram_die or machine.primary.in_dram_die
    return hub_of(machine, machine.primary) if inside else found


def beside_cache(machine: Machine, label: str, function: str, role: Role = "kv") -> Core:
    """The core that computes a function of what is kept like keys and values, or like weights: of those outside the
    DRAM die that can and tap the memory that keeps it, the nearest to the primary one.

    Raises
    ------
    ConfigError
        If no core can.
    """
    able = [core for core in machine.cores.values() if core.spec.can(function) and not core.in_dram_die]
    place = machine.spec.place.weights if role == "weights" else machine.spec.place.kv
    found = nearest((core for core in able if core.memory.name == place), machine.primary.level)
    if found is None:
        raise _none(machine, label)
    return found


def keeper(machine: Machine, core: Core, label: str) -> Core | None:
    """The core at whose tap the keys and values that `core` makes go to the memory that keeps them; None where that is
    its own.

    Raises
    ------
    ConfigError
        If no core outside the DRAM die taps it.
    """
    if core.memory.name == machine.spec.place.kv:
        return None
    outside = (core for core in machine.cores.values() if not core.in_dram_die)
    kept = (core for core in outside if core.memory.name == machine.spec.place.kv)
    found = nearest(kept, machine.primary.level)
    if found is None:
        raise ConfigError(
            [
                f"Machine {machine.name}: {label} makes keys and values, which lie in memory "
                f"{machine.spec.place.kv!r}, and no core outside the DRAM die taps it to write them."
            ]
        )
    return found


def in_place(machine: Machine, function: str) -> Core | None:
    """The core inside the DRAM die that computes a function on rows of the memory that keeps keys and values, and
    leaves the result in it."""
    kept = (core for core in machine.cores.values() if core.memory.name == machine.spec.place.kv)
    return next((core for core in kept if core.in_dram_die and core.spec.writes_back(function)), None)


def of_processors(machine: Machine, label: str) -> Core:
    """The core whose processors in the banks run programs of their own.

    Raises
    ------
    ConfigError
        If there is none.
    """
    kept = (core for core in machine.cores.values() if core.memory.name == machine.spec.place.kv)
    found = next((core for core in kept if core.spec.processor is not None), None)
    if found is None:
        raise _none(machine, label)
    return found


def beside_data(machine: Machine, label: str, role: Role) -> Core:
    """The core that multiplies with an operand of that role: the primary one if it taps the memory that keeps such
    tensors, else the innermost that does.

    Raises
    ------
    ConfigError
        If no core that taps it multiplies.
    """
    place, primary = machine.spec.place, machine.primary
    memory = {"weights": place.weights, "kv": place.kv}.get(role, primary.memory.name)
    able = [core for core in machine.cores.values() if core.memory.name == memory and multiplies(core)]
    if not able:
        raise _none(machine, label)
    return primary if primary in able else min(able, key=lambda core: LEVELS.index(core.level))


def at_hand(machine: Machine, near: Core, moving: Format) -> list[Core]:
    """A core and those that may multiply in its stead: where lanes inside the DRAM die tap its memory, they and matrix
    units outside it at the same memory, if they take the format of what moves."""
    at_it = [core for core in machine.cores.values() if core.memory.name == near.memory.name]
    if near.spec.processor is not None or not any(core.in_dram_die for core in at_it):
        return [near]
    others = (
        core
        for core in at_it
        if core is not near
        and (core.in_dram_die or "matmul" in core.spec.units)
        and multiplies(core)
        and computed_as(moving, core.spec.formats) is not None
    )
    return [near, *others]


def multipliers(machine: Machine, op: MatMul) -> list[Core]:
    """The cores that may compute a product: the one beside its data, lanes inside the DRAM die and matrix units
    outside it at the same memory; the one that takes least time at its best first.

    Raises
    ------
    ConfigError
        If no core that taps the memory multiplies.
    """
    near = beside_data(machine, op.label, op.b.role)
    if op.b.format.decided is not None:
        return [near]
    found = at_hand(machine, near, op.a.format)
    if len(found) == 1:
        return found
    outside_s = {core.name: _outside_s(core, op) for core in found if not core.in_dram_die}
    soon_s = min(outside_s.values(), default=math.inf)
    return sorted(found, key=lambda core: outside_s.get(core.name) or _inside_s(machine, core, op, soon_s))


def _outside_s(core: Core, op: MatMul) -> float:
    """Least time of a product with its launch at the peaks of units and tap [s]."""
    peak = units_for(core, op.a.format, op.b.format).peak(FASTEST if op.m <= SKINNY else FASTER)
    rate = core.nodes * core.channels * core.memory.channel_peak(core.level)
    read_s = (op.weights_bytes + op.kv_bytes) / rate
    return core.spec.launch + max(read_s, op.macs / (core.count * peak * core.spec.clock))


def _inside_s(machine: Machine, core: Core, op: MatMul, soon_s: float) -> float:
    """Time of a product in the banks with its launch [s]: a bound where that is beyond `soon_s` already, else what the
    engine finds for the busiest channel."""
    split = Split(op.batch // op.shared_b, op.n, core.nodes, ("batch", "n"))
    busiest = split.share(0)
    shape = (op.m * op.shared_b, busiest.inner, op.k)
    formats = (op.a.format, op.b.format, op.out.format)
    banks = Banks(Lowering(machine), core, hub_of(machine, core), 0)

    def least() -> float:
        pieces = set(pieces_of(banks, shape, formats))
        return min((bound(banks, shape, formats, piece) for piece in pieces), default=math.inf)

    def run() -> float:
        return trial_s(banks, shape, formats, piece_of(banks, shape, formats))

    asked = "product", shape, formats
    whole_s = core.spec.launch + busiest.items * once(core, (*asked, "least"), least)
    return (
        whole_s if whole_s > soon_s else core.spec.launch + busiest.items * once(core, (*asked, "run"), run)
    )


def _none(machine: Machine, label: str) -> ConfigError:
    return ConfigError([f"Machine {machine.name}: no core can run {label}."])
