"""What a machine's YAML says: memories, dies, the path that every bit travels, and the cores that tap it."""

from collections.abc import Iterator
from functools import cached_property
from itertools import product
from typing import Annotated, Literal

from pydantic import Field, model_validator

import bankside.arch.pe.units  # noqa: F401  registers the units that ship
from bankside.arch.machine.die_spec import DieSpec, die_at
from bankside.arch.machine.kernel_spec import CacheSpec, FloorSpec, RowsSpec, ThreadBlocksSpec
from bankside.arch.machine.memory_spec import MemorySpec
from bankside.arch.machine.network_spec import NetworkSpec, WaySpec, refuse_protocols
from bankside.arch.machine.offload import OffloadSpec, offload_faults
from bankside.arch.machine.power_spec import BoardSpec, InstructionSpec, TransportSpec
from bankside.arch.machine.sums_spec import SumsSpec
from bankside.arch.pe.processor.unit import Processor
from bankside.arch.pe.product import NO_TURNING, ProductUnits, Turning
from bankside.arch.pe.unit import PRODUCT, Decided, Store, Unit, in_slot
from bankside.arch.spec import (
    Area,
    Bytes,
    ConfigError,
    FieldError,
    FieldsError,
    Frequency,
    Power,
    Spec,
    Time,
)
from bankside.arch.technology.packaging import Cooler, load_packaging
from bankside.arch.technology.process import load_process
from bankside.arch.thermal.layers import Rect
from bankside.arch.thermal.package import extent, side_by_side

Level = Literal["bank", "bank_pair", "bank_group", "vault", "base", "board", "host"]
LEVELS: tuple[Level, ...] = ("bank", "bank_pair", "bank_group", "vault", "base", "board", "host")
IN_DRAM_DIE: frozenset[str] = frozenset({"bank", "bank_pair", "bank_group"})

OFF_STACK: frozenset[str] = frozenset({"board", "host"})
"""Levels outside the stack of memory dies."""


class PathLevelSpec(Spec):
    """One level of the path, cells first; `die` is where its logic sits.

    `network` is among the level's nodes, `link` the way from each of them to the memory beneath it, beyond the vaults.
    Where no link is named a bus is the way too, and beside any other network each channel has a link as fast.
    `interface`: area of the controllers and PHYs of memories and links on that die; `standing`: power of those, by
    name, that runs whether or not they carry anything; `cache`: on it, shared by the level's cores.
    """

    level: Level
    die: str | None = None
    network: NetworkSpec | None = None
    link: WaySpec | None = None
    transport: TransportSpec | None = None
    interface: Area | None = None
    standing: dict[str, Power] = Field(default_factory=dict)
    cache: CacheSpec | None = None

    @model_validator(mode="after")
    def _on_a_die(self) -> "PathLevelSpec":
        if self.standing and self.die is None:
            raise ValueError(f"Level {self.level} has interfaces that stand, and no die on which they are.")
        return self

    @model_validator(mode="after")
    def _leads_to_memory(self) -> "PathLevelSpec":
        refuse_protocols(self.link, "link", "on the way to memory there are none")
        return self


class CoreSpec(Spec):
    """Units and SRAM at one tap, each in its slot; `per` cores on each node of the tapped level.

    `accumulators`: vector registers that keep sums, one output each; they are drained whole and their lanes added at
    the hub, and a column serves as many rows of the operand as they have room for. Without them sums are added up
    across lanes and drained after every piece of the operand, and a column serves one row. `launch`: what starting a
    kernel takes, which the primary core has to state.
    `overlap`: whether the products of a tile of attention run while another tile goes through the softmax; `open`: what
    lies between two tiles of queries of a prefill beside their work, as thread blocks that end and begin; `registers`:
    where scores and sums of a tile lie, which without them lie in the SRAM too. `area`: whether units
    inside a DRAM die replace cells, or stand beside those that the device still has. `floor`: what kernels take beside
    launch and work; `blocks`: how software cuts products for the matrix unit, which without them is free; `rows`: how
    many rows of a softmax or a norm it has at work.
    """

    tap: str
    per: int = Field(default=1, ge=1, le=65536)
    clock: Frequency
    formats: tuple[str, ...] = Field(default=("bf16",), min_length=1)
    sram: Annotated[Store, in_slot("sram", "sram")] | None = None
    matmul: Annotated[Unit, in_slot("matmul")] | None = None
    vector: Annotated[Unit, in_slot("vector", "vector")] | None = None
    nonlinear: Annotated[Unit, in_slot("nonlinear", "nonlinear")] | None = None
    accumulators: int | None = Field(default=None, ge=1, le=65536)
    launch: Time = Field(default=0.0)
    floor: FloorSpec = FloorSpec()
    blocks: ThreadBlocksSpec | None = None
    rows: RowsSpec = RowsSpec()
    offload: OffloadSpec | None = None
    sums: SumsSpec | None = None
    registers: Bytes | None = None
    open: Time = Field(default=0.0)
    overlap: bool = True
    instruction: InstructionSpec | None = None
    area: Literal["replaces capacity", "beside the cells"] | None = None

    @model_validator(mode="after")
    def _units_suit_the_core(self) -> "CoreSpec":
        faults = [
            FieldError(sentence, slot)
            for slot, unit in self.units.items()
            for sentence in unit.faults(self.formats)
        ]
        if self.blocks is not None and self.matmul is None:
            faults.append(FieldError("blocks cut products for a matrix unit, and there is none.", "blocks"))
        if self.accumulators is not None:
            faults += [FieldError(sentence, "accumulators") for sentence in self._keeps_no_sums()]
        if faults:
            raise FieldsError(faults)
        return self

    def _keeps_no_sums(self) -> Iterator[str]:
        if self.tap.partition(".")[2] not in IN_DRAM_DIE or self.processor is not None:
            yield "sums are kept in accumulators by lanes inside a DRAM die alone."
        elif self.sums is not None:
            yield "sums are read as `sums` says, so that accumulators keep none."

    @cached_property
    def units(self) -> dict[str, Unit]:
        """The units by slot, those that multiply first, as they work at the core's tap."""
        found = {"matmul": self.matmul, "vector": self.vector, "nonlinear": self.nonlinear, "sram": self.sram}
        inside = self.tap.partition(".")[2] in IN_DRAM_DIE
        return {
            slot: unit.inside_dram() if inside else unit for slot, unit in found.items() if unit is not None
        }

    @property
    def processor(self) -> Processor | None:
        """The unit that runs programs of its own on its bank, where the core is one."""
        return self.vector if isinstance(self.vector, Processor) else None

    def unit_for(self, work: str) -> tuple[str, Unit] | None:
        """Slot and unit that do row-wise work, the first that can."""
        return next(((slot, unit) for slot, unit in self.units.items() if unit.can(work)), None)

    def can(self, work: str) -> bool:
        """Whether one of the units does this work."""
        return self.unit_for(work) is not None

    @property
    def skipped(self) -> frozenset[str]:
        """Formats of weights whose zeros a unit skips, by name: bf16_2:4."""
        return frozenset(name for unit in self.units.values() for name in unit.skipped)

    def writes_back(self, work: str) -> bool:
        """Whether one of the units does this work on rows of its bank and leaves the result in others of them."""
        return any(work in unit.writes_back() for unit in self.units.values())

    def multipliers(
        self, *formats: str, turning: Turning = NO_TURNING, decided: Decided | None = None
    ) -> ProductUnits:
        """The units that compute products of operands in these formats, into which the lanes turn what they read, or
        of which the second is stored for a unit as its data decided."""
        able = {
            slot: unit
            for slot, unit in self.units.items()
            if unit.can(PRODUCT) and unit.multiplies(formats, decided)
        }
        return ProductUnits(able.get("matmul"), able.get("vector"), self.sram, formats, turning, decided)


class PlaceSpec(Spec):
    """Which memory holds the weights and which the KV cache."""

    weights: str
    kv: str


class MachineSpec(Spec):
    """A machine: see DESIGN's example; every name used must be declared.

    `power_limit` of a package, with its board where it has one: the clocks of its logic fall until it holds.
    """

    description: str = ""
    memories: dict[str, MemorySpec] = Field(min_length=1)
    dies: tuple[DieSpec, ...] = Field(min_length=1)
    path: tuple[PathLevelSpec, ...] = Field(min_length=1)
    cores: dict[str, CoreSpec] = Field(min_length=1)
    place: PlaceSpec
    primary: str
    cooler: Cooler = Field(
        default="air",
        description="a cooler of configs/technology/packaging.yaml, or one of this machine: heat_transfer and ambient",
    )
    interposer: bool | str = Field(
        default=False,
        description="whether stacks and the dies beside them stand on one interposer under one lid, not in packages of "
        "their own; or the name of the die beside them that they stand on in place of an interposer",
    )
    board: BoardSpec | None = None
    power_limit: Power | None = None
    throttle: bool = Field(
        default=False,
        description="whether the clocks of logic fall to the highest at which every die stays below its limit of "
        "temperature",
    )
    clock_share: float = Field(
        default=1.0,
        ge=0.125,
        le=1,
        description="share of its clocks that all logic runs at, at the voltage that this needs",
    )

    def beside(self, die: DieSpec) -> bool:
        """Whether a die is one of its own per package, not one of every stack."""
        if die.beside is not None:
            return die.beside
        levels = {entry.level for entry in self.path if entry.die == die.name}
        return bool(levels) and levels <= OFF_STACK and any(other.memory for other in self.dies)

    @model_validator(mode="after")
    def _names_are_declared(self) -> "MachineSpec":
        if faults := [
            *self._path_faults(),
            *self._die_faults(),
            *self._carrier_faults(),
            *self._core_faults(),
            *self._scope_faults(),
            *self._role_faults(),
        ]:
            raise FieldsError(faults)
        return self

    def _path_faults(self) -> Iterator[FieldError]:
        levels = [entry.level for entry in self.path]
        if sorted(levels, key=LEVELS.index) != levels or len(set(levels)) != len(levels):
            yield FieldError(
                f"the levels {', '.join(levels)} must stand once each, from the cells outward.", "path"
            )
        dies = {die.name for die in self.dies}
        for entry in self.path:
            if entry.die is not None and entry.die not in dies:
                sentence = f"there is no die {entry.die!r}; the dies are {', '.join(sorted(dies))}."
                yield FieldError(sentence, f"path.{entry.level}.die")

    def _die_faults(self) -> Iterator[FieldError]:
        names = [die.name for die in self.dies]
        if len(set(names)) != len(names):
            yield FieldError(f"the names of dies must differ; these are {', '.join(names)}.", "dies")
        for die in self.dies:
            if die.memory is not None and die.memory not in self.memories:
                yield self._no_memory(die.memory, f"dies.{die.name}.memory")
            if die.bond not in (bonds := load_packaging().bonds):
                yield FieldError(
                    f"there is no bond {die.bond!r}; the bonds are {', '.join(bonds)}.",
                    f"dies.{die.name}.bond",
                )
            try:
                load_process(die.process)
            except ConfigError as error:
                yield from (FieldError(sentence, f"dies.{die.name}.process") for sentence in error.errors)

    def _carrier_faults(self) -> Iterator[FieldError]:
        """A die in place of an interposer that is none, or too small for what stands on it."""
        if isinstance(self.interposer, bool):
            return
        name = self.interposer
        core = self.cores.get(self.primary)
        memory = self.memories.get(core.tap.partition(".")[0]) if core is not None else None
        stacked = [die for die in self.dies if not self.beside(die)]
        rects = [
            Rect(0.0, 0.0, *die.sides)
            for die in self.dies
            if self.beside(die) and die.name != name
            for _ in range(1 if die.stacked else die.count)
        ]
        if stacked and memory is not None:
            width, depth = (max(die.sides[axis] for die in stacked) for axis in range(2))
            rects += [Rect(0.0, 0.0, width, depth)] * memory.stacks
        carrier = next((die for die in self.dies if die.name == name), None)
        if carrier is None:
            names = ", ".join(die.name for die in self.dies)
            yield FieldError(f"there is no die {name!r}; the dies are {names}.", "interposer")
            return
        if not self.beside(carrier) or carrier.count > 1:
            sentence = f"{name!r} is not one die of the package, beside its stacks, that they can stand on."
            yield FieldError(sentence, f"interposer|dies.{name}.beside")
            return
        if not rects:
            yield FieldError(f"nothing is left to stand on {name!r}.", "interposer")
            return
        taken = extent([[rects[index] for index in column] for column in side_by_side(rects)])
        if any(most > own for most, own in zip(taken, carrier.sides, strict=True)):
            given, need = (
                " x ".join(f"{1e3 * side:.4g}" for side in pair) for pair in (carrier.sides, taken)
            )
            sentence = f"what stands on {name!r} takes {need} mm, and it has {given} mm."
            yield FieldError(sentence, f"interposer|dies.{name}.area")

    def _core_faults(self) -> Iterator[FieldError]:
        levels = [entry.level for entry in self.path]
        for name, core in self.cores.items():
            memory, _, level = core.tap.partition(".")
            at = f"cores.{name}.tap"
            if memory not in self.memories:
                yield self._no_memory(memory, at)
            elif level not in levels:
                yield FieldError(f"the path has no level {level!r}; it has {', '.join(levels)}.", at)
            elif level in IN_DRAM_DIE and self.memories[memory].device is None:
                yield FieldError(f"{core.tap!r} taps a DRAM die, but {memory!r} has none.", at)
            elif level in IN_DRAM_DIE and level not in (scopes := self.memories[memory].pim_scopes):
                has = f"those of scope {', '.join(scopes)} alone" if scopes else "none"
                sentence = f"{core.tap!r} needs PIM commands of scope {level}, but the device of {memory!r} has {has}"
                yield FieldError(f"{sentence} (pim.scopes).", at)
            yield from self._format_faults(name, core, level)
            yield from self._place_faults(name, core, memory, level)
            if not core.units.keys() - {"sram"}:
                yield FieldError("a core needs a matmul, vector or nonlinear unit.", f"cores.{name}")

    def _place_faults(self, name: str, core: CoreSpec, memory: str, level: str) -> Iterator[FieldError]:
        """Units that write results to rows where no host's sequence is known that has them do it."""
        device = self.memories[memory].device if memory in self.memories else None
        pim = device.pim if device is not None and level in IN_DRAM_DIE else None
        if core.processor is not None or core.offload is not None:
            link = next((entry.network.link for entry in self.path if entry.network is not None), None)
            rate = None if link is None else link.bytes_per_s
            yield from offload_faults(
                name, core.offload, core.processor is not None, level in IN_DRAM_DIE, rate
            )
            return
        for slot, unit in core.units.items():
            if unit.writes_back() and (pim is None or pim.registers != "row"):
                sentence = (
                    "results are written back to rows by units inside a DRAM die whose registers lie in a row "
                    "(pim.registers: row), which those of this core are not."
                )
                yield FieldError(sentence, f"cores.{name}.{slot}.in_place")

    def _scope_faults(self) -> Iterator[FieldError]:
        """Cores that need PIM commands of different scopes from one memory."""
        first: dict[str, str] = {}
        for name, core in self.cores.items():
            memory, _, level = core.tap.partition(".")
            if level in IN_DRAM_DIE:
                other = first.setdefault(memory, name)
                if core.tap != self.cores[other].tap:
                    sentence = f"{core.tap!r} and {self.cores[other].tap!r} of core {other!r} need PIM commands of two"
                    yield FieldError(f"{sentence} scopes from one memory.", f"cores.{name}.tap")

    def _format_faults(self, name: str, core: CoreSpec, level: str) -> Iterator[FieldError]:
        """Formats that the process of the tapped die has no multiplier for."""
        stated = next((entry.die for entry in self.path if entry.level == level and entry.die), None)
        die = die_at(self.dies, stated, core.tap.partition(".")[0])
        try:
            processes = [load_process(one.process) for one in self.dies if one.name == die]
        except ConfigError:
            return  # told of the die
        for process, number_format in product(processes, () if core.processor else core.formats):
            try:
                process.multiplier(number_format)
            except ConfigError as error:
                yield from (FieldError(sentence, f"cores.{name}.formats") for sentence in error.errors)

    def _role_faults(self) -> Iterator[FieldError]:
        if isinstance(self.cooler, str) and self.cooler not in (coolers := load_packaging().coolers):
            yield FieldError(
                f"there is no cooler {self.cooler!r}; the coolers are {', '.join(coolers)}.", "cooler"
            )
        for role, memory in (("weights", self.place.weights), ("kv", self.place.kv)):
            if memory not in self.memories:
                yield self._no_memory(memory, f"place.{role}")
        core = self.cores.get(self.primary)
        if core is None:
            known = ", ".join(self.cores)
            yield FieldError(f"there is no core {self.primary!r}; the cores are {known}.", "primary")
        elif (tapped := self.memories.get(core.tap.partition(".")[0])) and tapped.flash:
            yield FieldError(
                f"core {self.primary!r} taps flash; activations lie in the memory of the primary core and are "
                "written again and again, so it has to tap another.",
                f"primary|cores.{self.primary}.tap",
            )
        if core is not None and core.offload is None and "launch" not in core.model_fields_set:
            yield FieldError(
                f"core {self.primary!r} is the primary one and states no launch: say what starting a kernel takes, "
                "0 s where nothing starts them one by one.",
                f"cores.{self.primary}",
            )

    def _no_memory(self, name: str, at: str) -> FieldError:
        return FieldError(f"there is no memory {name!r}; the memories are {', '.join(self.memories)}.", at)
