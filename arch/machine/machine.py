"""A machine compiled from its YAML: memories with their standards, cores at their taps, counts of everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from bankside.arch.dram.channel.pim.controller import Controller
from bankside.arch.dram.channel.policy import POLICIES, Policy
from bankside.arch.dram.device.address import compile_address
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.peak import peak_bytes_per_s
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.dram.flash.device import Flash, compile_flash
from bankside.arch.machine import area
from bankside.arch.machine.die_spec import DieSpec, die_at
from bankside.arch.machine.kernel_spec import CacheSpec
from bankside.arch.machine.memory_spec import ControllerSpec, MemorySpec
from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.machine.once import once
from bankside.arch.machine.package_sizes import MOST_STACKS, no_such_stacks, with_links
from bankside.arch.machine.path import as_tapped
from bankside.arch.machine.spec import (
    IN_DRAM_DIE,
    LEVELS,
    CoreSpec,
    Level,
    MachineSpec,
    PathLevelSpec,
)
from bankside.arch.spec import ConfigError, Loaded, digest_of, load
from bankside.arch.technology.packaging import load_packaging
from bankside.arch.technology.process import load_process

SRAM_LINE_BYTES = 64
ADDRESS_ORDER = ("row", "rank", "bank", "column", "bank_group", "pseudo_channel", "channel")
CONTROLLER_KEYS = ("controller.policy", "controller.depth", "controller.page")
FS_PER_S = 1_000_000_000_000_000

Placement = Literal["PIM", "PNM", "host"]


def period_fs(clock_hz: float) -> int:
    """Clock period as an integer of femtoseconds, rounded once."""
    return max(1, round(FS_PER_S / clock_hz))


@dataclass(frozen=True)
class Memory:
    """One memory: `packages` copies of what the YAML states, all stacks alike; `computes`: in its DRAM dies, too.

    `lost`: share of its capacity that units stand on.
    """

    name: str
    spec: MemorySpec
    standard: Standard | None
    packages: int
    address: Any = None
    flash: Flash | None = None
    computes: bool = False
    lost: float = 0.0

    def __repr__(self) -> str:
        return f"<Memory {self.name}: stacks {self.stacks}, channels {self.channels}>"

    @property
    def owner(self) -> str:
        """Whose account its events go to."""
        return f"memory.{self.name}"

    @cached_property
    def policy(self) -> Policy:
        """In which order the channels of a DRAM serve what they are asked for."""
        return POLICIES[self.controller.policy]

    @cached_property
    def controller(self) -> ControllerSpec:
        """Policy of the channels and its depth, as stated or by default."""
        return self.spec.controller or ControllerSpec()

    @property
    def pim_controller(self) -> Controller:
        """How its channels serve PIM programs."""
        stated = self.controller.pim
        fence = -(-round(stated.fence * FS_PER_S) // self.standard.slot_fs) if self.standard else 0
        return Controller(stated.kind, stated.depth, stated.ranks, fence)

    @property
    def depth(self) -> int:
        """Entries of the controller's queues, or bursts that it looks ahead."""
        return self.controller.depth or self.policy.depth

    @property
    def channelled(self) -> Standard | Flash | None:
        """The DRAM standard or flash device whose channels serve streams; None for an SRAM store."""
        return self.standard or self.flash

    @property
    def stacks(self) -> int:
        """Stacks (or SRAM chips) in all packages."""
        return self.spec.stacks * self.packages

    @property
    def channels(self) -> int:
        """Channels of all stacks; an SRAM store is one channel a chip."""
        return self.stacks * (self.channelled.channels if self.channelled else 1)

    @property
    def capacity_bytes(self) -> int:
        """Bytes that fit."""
        if self.channelled is None:
            assert self.spec.sram is not None
            return self.stacks * int(self.spec.sram.size)
        return int(self.channels * self.channelled.channel_bytes * (1 - self.lost))

    @property
    def burst_bytes(self) -> int:
        """Bytes of one burst; an SRAM store is cut into 64 B lines."""
        return self.channelled.burst_bytes if self.channelled else SRAM_LINE_BYTES

    def channel_peak(self, level: Level) -> float:
        """Bandwidth of one channel at a tap level [B/s]."""
        if self.flash is not None:
            return self.flash.peak_bytes_per_s
        if self.standard is None:
            assert self.spec.sram is not None
            return self.spec.sram.bandwidth
        standard = self.standard
        return once(self, ("peak", level), lambda: peak_bytes_per_s(standard, level))


@dataclass(frozen=True)
class Core:
    """A kind of core at its tap: `nodes` independent nodes, each with `cores` alike and `channels` to stripe over.

    Taps inside the DRAM die are driven by commands of their channel, so there a node is a channel and its cores are
    the lock-step banks.
    """

    name: str
    spec: CoreSpec
    memory: Memory
    level: Level
    nodes: int
    cores: int
    channels: int
    die: str
    period_fs: int
    cache: CacheSpec | None = None

    def __repr__(self) -> str:
        return f"<Core {self.name}: {self.count:,} at {self.spec.tap}>"

    @property
    def in_dram_die(self) -> bool:
        """Whether the core computes on column commands instead of reading through a data bus."""
        return self.level in IN_DRAM_DIE

    @property
    def placement(self) -> Placement:
        """PIM inside the DRAM die, PNM on a die beside it, host beyond the PHY (Ma & Patterson 2026)."""
        return "PIM" if self.in_dram_die else "host" if self.level == "host" else "PNM"

    @property
    def count(self) -> int:
        """Cores of this kind in the machine."""
        return self.nodes * self.cores

    @property
    def fill_bytes_per_s(self) -> float:
        """Rate at which the scratchpads of a node take or give operand tiles, a port of each bank a clock [B/s];
        infinite without scratchpads."""
        sram = self.spec.sram
        return self.cores * sram.bytes_per_cycle * self.spec.clock if sram else float("inf")


@dataclass(frozen=True)
class Machine:
    """Everything that lowering, execution and accounting ask of a machine.

    `digest` names the content of its specification, of the processes of its dies and of the packaging data.
    """

    name: str
    spec: MachineSpec
    digest: str
    packages: int
    memories: Mapping[str, Memory]
    cores: Mapping[str, Core]
    loaded: Loaded[MachineSpec] | None = field(default=None, compare=False, repr=False)
    drawn: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out of this machine once, by the identity of what else it followed from."""

    def __repr__(self) -> str:
        cores = ", ".join(f"{core.count:,} {core.name}" for core in self.cores.values())
        return f"<Machine {self.name}: {self.placement} at {self.tap}, stacks {self.stacks}, cores {cores}>"

    @property
    def primary(self) -> Core:
        """The core whose tap names the machine."""
        return self.cores[self.spec.primary]

    @property
    def placement(self) -> Placement:
        """Where the primary core is."""
        return self.primary.placement

    @property
    def tap(self) -> str:
        """Memory and level of the primary core, as the YAML writes it."""
        return self.primary.spec.tap

    @property
    def stacks(self) -> int:
        """Stacks of the memory that the primary core taps."""
        return self.primary.memory.stacks

    @cached_property
    def blocks(self) -> area.Blocks:
        """Area of every known block by die and name, of all copies of the die [m2]."""
        return area.known(self)

    def copies(self, die: DieSpec) -> int:
        """How many times the machine has this entry of `dies`: once per package beside, else once per stack."""
        if self.spec.beside(die):
            return self.packages
        memory = self.memories[die.memory] if die.memory else self.primary.memory
        return memory.stacks

    @cached_property
    def levels(self) -> tuple[PathLevelSpec, ...]:
        """The path, cells first."""
        return self.spec.path

    def network(self, low: Level) -> tuple[Level, NetworkSpec | None]:
        """The network on which nodes at level `low` meet: the first at that level or outside it."""
        start = LEVELS.index(low)
        for entry in self.levels:
            if LEVELS.index(entry.level) >= start and entry.network is not None:
                return entry.level, entry.network
        return self.levels[-1].level, None


def load_machine(reference: str, overrides: Sequence[str] = (), stacks: int | None = None) -> Machine:
    """Read a shipped machine or a YAML file and compile it.

    `stacks` asks for that many stacks of the primary core's memory, in whole packages.

    Raises
    ------
    ConfigError
        With every fault of the file in one sentence each, or the numbers of stacks that are possible.
    """
    if isinstance(overrides, str):
        raise ConfigError(
            f"The overrides must be a list of texts such as 'cores.pe.clock=1 GHz', not {overrides!r:.60}."
        )
    loaded = load(reference, "machines", MachineSpec, overrides)
    return build_machine(loaded, stacks)


def build_machine(
    loaded: Loaded[MachineSpec], stacks: int | None = None, joined: int | None = None
) -> Machine:
    """Compile a loaded specification; see `load_machine`. `joined`: packages of which it is a part, else its own."""
    spec = loaded.spec
    own = spec.memories[spec.cores[spec.primary].tap.split(".")[0]].stacks
    if stacks is not None and not (isinstance(stacks, int) and 1 <= stacks <= MOST_STACKS):
        raise ConfigError(
            [f"The number of stacks must be a whole number from 1 to {MOST_STACKS}, not {stacks!r:.60}."]
        )
    packages, rest = (1, 0) if stacks is None else divmod(stacks, own)
    if rest or not packages:
        raise ConfigError(no_such_stacks(loaded, own, stacks or 0))
    spec = with_links(loaded, joined or packages, _place)
    memories = _memories(loaded, packages)
    cores = {name: _core(name, core, spec, memories, packages) for name, core in spec.cores.items()}
    named = [load_process(die.process) for die in spec.dies]
    digest = digest_of(spec, *named, load_packaging())
    machine = Machine(loaded.name, spec, digest, packages, memories, cores, loaded)
    sized = {name: replace(core, spec=as_tapped(machine, core)) for name, core in cores.items()}
    return _with_room(replace(machine, cores=sized))


def _with_room(machine: Machine) -> Machine:
    """The machine with the capacity that its units leave; refused where they do not fit their dies."""
    assert machine.loaded is not None
    if found := list(area.faults(machine)):
        raise ConfigError([f"{_place(machine.loaded, at)}: {sentence}" for at, sentence in found])
    given_up = area.lost(machine)
    if not given_up:
        return machine
    memories = {
        name: replace(memory, lost=given_up.get(name, 0.0)) for name, memory in machine.memories.items()
    }
    cores = {name: replace(core, memory=memories[core.memory.name]) for name, core in machine.cores.items()}
    return replace(machine, memories=memories, cores=cores)


def _place(loaded: Loaded[MachineSpec], key: str) -> str:
    """Where a key of the machine stands."""
    leaf = next((leaf for path, leaf in loaded.sources.items() if path.startswith(key)), None)
    return (
        f"{loaded.origin} {key}" if leaf is None else f"{leaf.file}{f':{leaf.line}' * (leaf.line > 0)} {key}"
    )


def one_package(machine: Machine) -> Machine:
    """The same machine as a single package, joined to the others by the same links."""
    assert machine.loaded is not None
    return build_machine(machine.loaded, machine.stacks // machine.packages, machine.packages)


def _memories(loaded: Loaded[MachineSpec], packages: int) -> dict[str, Memory]:
    """All memories; an address order that does not fit its device is told at its place in the file."""
    memories, sentences = {}, []
    for name, memory in loaded.spec.memories.items():
        try:
            memories[name] = _memory(loaded.spec, name, memory, packages)
        except ConfigError as error:
            for sentence in error.errors:
                key = next((key for key in CONTROLLER_KEYS if sentence.startswith(f"{key}: ")), "address")
                stated = key != "address" or memory.address is not None
                at = _place(loaded, f"memories.{name}.{key if stated else 'device'}")
                sentences.append(f"{at}: {sentence.removeprefix(f'{key}: ')}")
    if sentences:
        raise ConfigError(sentences)
    return memories


def _memory(spec: MachineSpec, name: str, memory: MemorySpec, packages: int) -> Memory:
    """The memory with its device compiled for the PIM scope that a core of this machine uses."""
    if memory.flash is not None:
        return Memory(name, memory, None, packages, flash=compile_flash(memory.flash))
    if memory.device is None:
        return Memory(name, memory, None, packages)
    taps = [core.tap.split(".") for core in spec.cores.values()]
    scopes = [level for tapped, level in taps if tapped == name and level in IN_DRAM_DIE]
    check_controller(memory.controller or ControllerSpec(), memory.device, bool(scopes))
    standard = compile_standard(memory.device, scopes[0] if scopes else None)
    address = compile_address(standard, memory.address or ADDRESS_ORDER)
    return Memory(name, memory, standard, packages, address, computes=bool(scopes))


def check_controller(spec: ControllerSpec, device: DeviceSpec, computes: bool = False) -> None:
    """Refuse a policy that is not known or runs no PIM programs where some are, a depth that it has no room for, and
    closed pages that it, the device or PIM commands cannot have.

    Raises
    ------
    ConfigError
    """
    policy = POLICIES.get(spec.policy)
    if policy is None:
        raise ConfigError(
            [
                f"controller.policy: There is no policy '{spec.policy}'; there are {', '.join(sorted(POLICIES))}."
            ]
        )
    if computes and policy.pim is None:
        raise ConfigError(
            [f"controller.policy: {spec.policy} runs no PIM programs, which this memory is asked for."]
        )
    if spec.depth is not None and spec.depth > policy.max_depth:
        raise ConfigError(
            [f"controller.depth: {spec.policy} looks at most {policy.max_depth} deep, not {spec.depth}."]
        )
    if spec.page == "closed":
        fault = "PIM commands need rows to stay open." if computes else policy.closing_fault(device)
        if fault:
            raise ConfigError([f"controller.page: {fault}"])


def _core(
    name: str, core: CoreSpec, spec: MachineSpec, memories: Mapping[str, Memory], packages: int
) -> Core:
    memory_name, level_name = core.tap.split(".")
    memory = memories[memory_name]
    entry = next(entry for entry in spec.path if entry.level == level_name)
    level, cache, die = entry.level, entry.cache, die_at(spec.dies, entry.die, memory_name)
    per = core.per
    if level in IN_DRAM_DIE:
        assert memory.standard is not None
        units = {
            "bank": memory.standard.banks,
            "bank_pair": memory.standard.banks // 2,
            "bank_group": memory.standard.bank_groups
            * memory.standard.ranks
            * memory.standard.pseudo_channels,
        }[level]
        nodes, cores, channels = memory.channels, units * per, 1
    elif level == "vault":
        nodes, cores, channels = memory.channels, per, 1
    elif level in ("base", "board"):
        nodes, cores, channels = memory.stacks, per, memory.channels // memory.stacks
    else:
        nodes, cores, channels = packages, per, memory.channels // packages
    return Core(name, core, memory, level, nodes, cores, channels, die, period_fs(core.clock), cache)
