"""Which core computes: the nearest to the data that can."""

from collections.abc import Iterable

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.spec import LEVELS, Level
from bankside.arch.pe.unit import PRODUCT
from bankside.arch.spec import ConfigError
from bankside.kernels.operators import Role


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


def _none(machine: Machine, label: str) -> ConfigError:
    return ConfigError([f"Machine {machine.name}: no core can run {label}."])
