"""What a machine's YAML says: memories, dies, the path that every bit travels, and the cores that tap it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bankside.arch.dram.device import DeviceSpec
from bankside.arch.dram.flash import FlashSpec
from bankside.arch.spec import (
    Area,
    Bandwidth,
    Bits,
    Bytes,
    EnergyPerBit,
    Frequency,
    Length,
    Power,
    Reference,
    Spec,
    Time,
)

Level = Literal["bank", "bank_pair", "bank_group", "vault", "base", "board", "host"]
LEVELS: tuple[Level, ...] = ("bank", "bank_pair", "bank_group", "vault", "base", "board", "host")
IN_DRAM_DIE: frozenset[str] = frozenset({"bank", "bank_pair", "bank_group"})

Topology = Literal["bus", "ring", "mesh", "torus", "crossbar", "full", "switch"]


class SramStoreSpec(Spec):
    """On-chip SRAM that stands in for a DRAM: capacity and bandwidth of one chip."""

    size: Bytes
    bandwidth: Bandwidth


class MemorySpec(Spec):
    """One memory of the machine: a DRAM (`device`) or flash device in `stacks` copies, or SRAM on each of `stacks`
    chips."""

    device: Annotated[DeviceSpec, Reference("devices")] | None = None
    flash: Annotated[FlashSpec, Reference("devices")] | None = None
    sram: SramStoreSpec | None = None
    stacks: int = Field(default=1, ge=1, le=4096)
    address: tuple[str, ...] | None = None
    stagger: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> "MemorySpec":
        if sum(kind is not None for kind in (self.device, self.flash, self.sram)) != 1:
            raise ValueError("A memory is one of a DRAM (device), flash or sram, and of one kind only.")
        return self


class DieSpec(Spec):
    """One kind of die, bottom to top in the list; `count` dies of `area` each in every stack.

    A die `beside` the stack (a GPU next to its HBM) is one of its own per package, cooled by itself.
    """

    name: str
    process: str
    area: Area
    count: int = Field(default=1, ge=1, le=1024)
    memory: str | None = None
    thickness: Length | None = None
    bond: str = "microbump"
    beside: bool = False


class LinkSpec(Spec):
    """One link of a network: width x clock (or bandwidth), a fixed latency and the cycles of one hop."""

    width: Bits | None = None
    clock: Frequency | None = None
    bandwidth: Bandwidth | None = None
    latency: Time = Field(default=0.0)
    hop: int = Field(default=1, ge=0, le=1_000_000)
    energy: EnergyPerBit | None = None

    @model_validator(mode="after")
    def _one_rate(self) -> "LinkSpec":
        if (self.bandwidth is None) == (self.width is None or self.clock is None):
            raise ValueError("A link has either a bandwidth, or a width and a clock.")
        return self

    @property
    def bytes_per_s(self) -> float:
        """Bandwidth of the link [B/s]."""
        if self.bandwidth is not None:
            return self.bandwidth
        assert self.width is not None and self.clock is not None
        return self.width / 8 * self.clock


class NetworkSpec(Spec):
    """How the nodes of one level reach each other."""

    topology: Topology = "bus"
    link: LinkSpec
    multicast: bool = True


class PathLevelSpec(Spec):
    """One level of the path, cells first; `die` is where its logic sits."""

    level: Level
    die: str | None = None
    network: NetworkSpec | None = None


class CoreSramSpec(Spec):
    """A core's scratchpad."""

    size: Bytes
    banks: int = Field(default=1, ge=1, le=4096)
    width: Bytes = Field(default=32)


class MatmulSpec(Spec):
    """Matrix unit: `arrays` systolic arrays of rows x cols, or dot-product lanes.

    Streamed vectors enter an array in groups of `group`, and a part of a group takes the time of a whole one.
    """

    unit: Literal["systolic", "lanes"]
    rows: int = Field(default=1, ge=1, le=65536)
    cols: int = Field(default=1, ge=1, le=65536)
    dataflow: Literal["ws", "os", "is"] = "ws"
    arrays: int = Field(default=1, ge=1, le=65536)
    shadow: bool = True
    group: int = Field(default=1, ge=1, le=65536)
    lanes: int = Field(default=1, ge=1, le=1_000_000)


class VectorSpec(Spec):
    """Elementwise and dot-product lanes; each lane does one multiply-accumulate a cycle."""

    lanes: int = Field(ge=1, le=1_000_000)


class NonlinearSpec(Spec):
    """Unit for exp, softmax, norms and activations."""

    method: Literal["exact", "lut", "pwl", "poly", "cordic"]
    lanes: int = Field(ge=1, le=1_000_000)
    order: int = Field(default=3, ge=1, le=64, description="degree of a polynomial, iterations of a CORDIC")
    folded: bool = False


class CoreSpec(Spec):
    """Compute and SRAM at one tap; `per` cores on each node of the tapped level.

    `packing`: pairs of a narrow format that one element of the matrix unit multiplies in a cycle, side by side along
    the depth of the product; one unless given. `accumulators`: vector registers that keep sums, one output each; they
    are drained whole and their lanes added at the hub. Without them sums are added up across lanes and drained after
    every piece of the operand.
    """

    tap: str
    per: int = Field(default=1, ge=1, le=65536)
    clock: Frequency
    formats: tuple[str, ...] = Field(default=("bf16",), min_length=1)
    sram: CoreSramSpec | None = None
    matmul: MatmulSpec | None = None
    packing: dict[str, Annotated[int, Field(ge=1, le=64)]] = Field(default_factory=dict)
    vector: VectorSpec | None = None
    nonlinear: NonlinearSpec | None = None
    accumulators: int | None = Field(default=None, ge=1, le=65536)
    launch: Time = Field(default=0.0)
    power_limit: Power | None = None

    @model_validator(mode="after")
    def _packs_own_formats(self) -> "CoreSpec":
        if strange := sorted(set(self.packing) - set(self.formats)):
            raise ValueError(f"packing names {', '.join(strange)}, which is none of the core's formats.")
        if self.packing and self.matmul is None:
            raise ValueError("packing is of the matrix unit, and the core has none.")
        return self

    def packed(self, *formats: str) -> int:
        """Pairs of these formats that an element of the matrix unit multiplies in a cycle: as the widest allows."""
        return min(self.packing.get(name, 1) for name in formats)


class PlaceSpec(Spec):
    """Which memory holds the weights and which the KV cache."""

    weights: str
    kv: str


class MachineSpec(Spec):
    """A machine: see DESIGN's example; every name used must be declared."""

    description: str = ""
    memories: dict[str, MemorySpec] = Field(min_length=1)
    dies: tuple[DieSpec, ...] = Field(min_length=1)
    path: tuple[PathLevelSpec, ...] = Field(min_length=1)
    cores: dict[str, CoreSpec] = Field(min_length=1)
    place: PlaceSpec
    primary: str
    cooler: str = "air"
