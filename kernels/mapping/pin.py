"""Mappings that the user pins: a YAML file with an entry an operator, in the form of a result's `mapping` block."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Field

from bankside.arch.machine.machine import Core
from bankside.arch.spec import Spec, load, path_of
from bankside.arch.spec.compose import Composer
from bankside.kernels.plan.tiling import SKINNY, Mapping, Problem, Resources, tile_bytes

Positive: TypeAlias = Annotated[int, Field(ge=1, le=2**31)]
CORES = ("batch", "m", "n")
TILE = ("m", "n", "k")


class PinSpec(Spec):
    """One operator's mapping; sizes by the name of their loop.

    A matrix product takes cores {batch, m, n}, tile {m, n, k}, an order and a unit, and the split over nodes {batch, m,
    n}. What a result reports besides (core, nodes, tiles) may stand here and is not a choice.
    """

    label: str
    core: str | None = None
    nodes: Positive | None = None
    split: dict[str, Positive] = Field(default={})
    cores: dict[str, Positive] = Field(default={})
    tile: dict[str, Positive] = Field(default={})
    order: Literal["nk", "kn"] | None = None
    unit: str | None = None
    tiles: Positive | None = None

    def stated(self) -> dict[str, object]:
        """What the entry says, as plain data."""
        return {
            name: value for name, value in self.model_dump(mode="python").items() if value not in (None, {})
        }

    def faults(self) -> Iterator[str]:
        """What keeps it from being the mapping of a matrix product."""
        takes = [("cores", self.cores, CORES), ("tile", self.tile, TILE)]
        for name, given, wanted in [*takes, ("split", self.split, CORES)] if self.split else takes:
            if missing := [loop for loop in wanted if loop not in given]:
                yield f"lacks {name}.{f' and {name}.'.join(missing)}"
            if unknown := [loop for loop in given if loop not in wanted]:
                yield f"has {name}.{unknown[0]}; {name} has {', '.join(wanted)}"
        if self.unit not in (None, "matrix", "vector", "both"):
            yield f"names the unit {self.unit!r}; a matrix product runs on matrix, vector or both"

    def mapping(self) -> Mapping:
        """As the mapper would say it; an empty unit is the fastest."""
        batch_cores, m_cores, n_cores = (self.cores[loop] for loop in CORES)
        mt, nt, kt = (self.tile[loop] for loop in TILE)
        return Mapping(batch_cores, m_cores, n_cores, mt, nt, kt, self.order or "nk", self.unit or "")

    def nodes_over(self) -> tuple[int, int, int] | None:
        """Nodes over products, rows and columns; None if it does not say."""
        return (self.split["batch"], self.split["m"], self.split["n"]) if self.split else None


class PinsSpec(Spec):
    """A file of pinned mappings."""

    description: str = ""
    operators: tuple[PinSpec, ...]


class ResultPinsSpec(Spec):
    """A saved result, of which the mapping alone is read."""

    model_config = ConfigDict(extra="ignore")

    mapping: PinsSpec


def load_pins(path: str | Path) -> tuple[PinSpec, ...]:
    """The entries of a file, which is a list of them as `operators`, or a whole result.

    Raises
    ------
    ConfigError
        With every fault of the file in one sentence each.
    """
    file = path_of(Path(path), "mappings")
    tree = Composer(file.parent).file(file, "mappings").value
    if isinstance(tree, dict) and "mapping" in tree:
        return load(file, "mappings", ResultPinsSpec).spec.mapping.operators
    return load(file, "mappings", PinsSpec).spec.operators


def pin_faults(core: Core, node: Resources, problem: Problem, pin: Mapping) -> Iterator[str]:
    """What keeps a pinned mapping from running on one node of `core`, as ends of sentences."""
    cores = pin.batch_cores * pin.m_cores * pin.n_cores
    if cores > node.cores:
        product = f"{pin.batch_cores} x {pin.m_cores} x {pin.n_cores} = {cores}"
        yield f"wants {product} cores, but a node of core {core.name} has {node.cores}"
    own = pin.within(problem)
    needed = tile_bytes(problem, own)
    if needed > node.sram_bytes:
        yield (
            f"needs {needed:,.0f} B for two buffers and the sums of its tile of {own.mt} x {own.nt} x {own.kt}, but "
            f"the scratchpad of core {core.name} has {node.sram_bytes:,.0f} B"
        )
    units = core.spec.multipliers(*problem.formats)
    if pin.unit in ("matrix", "both") and units.matrix is None:
        yield f"names the unit {pin.unit!r}, but core {core.name} has no matrix unit"
    if pin.unit in ("vector", "both") and units.vector is None:
        yield f"names the unit {pin.unit!r}, but core {core.name} has no vector lanes"
    if pin.unit == "both" and problem.m > SKINNY:
        yield f"splits tiles over both units, which products of up to {SKINNY} rows may, but this has {problem.m}"
