"""Plans that the user pins, whole or in part: a YAML file with an entry an operator, as in a result's `mapping`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field

from bankside.arch.spec import Spec, load, path_of
from bankside.arch.spec.compose import Composer

Positive: TypeAlias = Annotated[int, Field(ge=1, le=2**31)]
LOOPS: Final = ("batch", "m", "n", "k")
CORES: Final = ("batch", "m", "n")
TILE: Final = ("m", "n", "k")
BLOCKS: Final = LOOPS


class TensorPinSpec(Spec):
    """Where a tensor lies: at the nodes of a core kind, in its memory or as it came; parts of each axis, copies."""

    nodes: str | None = None
    memory: str | None = None
    split: dict[str, Positive] = Field(default={})
    copies: Positive | None = None
    streamed: bool | None = None


class PinSpec(Spec):
    """What is said of one operator's plan; sizes by the name of their loop.

    For matrix products outside the DRAM die a split over nodes {batch, m, n, k}, cores {batch, m, n} or thread blocks
    {batch, m, n, k: slices}, a tile {m, n, k}, an order and a unit are choices, and for attention there cores {heads,
    context} and a tile {rows, tokens}; so is the core of a product or attention that banks or a matrix unit may
    compute. All else is compared with what runs.
    """

    operator: str
    core: str | None = None
    home: str | None = None
    nodes: Positive | None = None
    split: dict[str, Positive] = Field(default={})
    cores: dict[str, Positive] = Field(default={})
    blocks: dict[str, Positive] = Field(default={})
    tile: dict[str, Positive] = Field(default={})
    order: Literal["nk", "kn"] | None = None
    processors: Positive | None = None
    unit: str | None = None
    tiles: Positive | None = None
    tensors: dict[str, TensorPinSpec] = Field(default={})
    store: str | None = None

    def stated(self) -> dict[str, Any]:
        """What the entry says of the operator, as plain data."""
        said = self.model_dump(mode="python", exclude_unset=True)
        return {name: value for name, value in said.items() if name != "operator"}

    def may_deal(self, rows: int) -> bool:
        """Whether thread blocks of a product of so many rows are left to choose, which the matrix unit computes, or the
        vector lanes a single row, with one tile of sums each."""
        on = (None, "matrix", "vector") if rows == 1 else (None, "matrix")
        return not self.cores and self.order in (None, "nk") and self.unit in on

    def tiling(self) -> tuple[tuple[str, object], ...]:
        """What it says of the tiling, to be told from other pins."""
        sizes = [
            (f"{name}.{loop}", n)
            for name in ("cores", "blocks", "tile")
            for loop, n in getattr(self, name).items()
        ]
        return (
            *sizes,
            *((name, said) for name in ("order", "unit") if (said := getattr(self, name)) is not None),
        )

    def product_faults(self) -> Iterator[str]:
        """What keeps it from being a mapping of a matrix product, as ends of sentences."""
        for name, given, known in (
            ("cores", self.cores, CORES),
            ("blocks", self.blocks, BLOCKS),
            ("tile", self.tile, TILE),
            ("split", self.split, LOOPS),
        ):
            if unknown := [loop for loop in given if loop not in known]:
                yield f"has {name}.{unknown[0]}; {name} has {', '.join(known)}"
        if self.cores and self.blocks:
            yield "has cores and blocks; thread blocks are dealt to all cores"
        if self.unit not in (None, "matrix", "vector", "both"):
            yield f"names the unit {self.unit!r}; a matrix product runs on matrix, vector or both"


class PinsSpec(Spec):
    """A file of pinned plans."""

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


def differences(
    said: Mapping[str, Any], ran: Mapping[str, Any], limits: frozenset[str], path: str = ""
) -> Iterator[str]:
    """Where an entry says something else than what runs, as ends of sentences; sizes in the blocks `limits` may be more
    than what there is."""
    for name, value in said.items():
        here, found = f"{path}{name}", ran.get(name)
        if isinstance(value, Mapping) and isinstance(found, Mapping):
            yield from differences(value, found, limits, f"{here}.")
        elif path.rstrip(".") in limits and isinstance(found, int) and found <= value:
            continue
        elif value != found and not (value == 1 and found is None):
            yield f"says {here} = {value!r}, but what runs has {'none' if found is None else repr(found)}"
