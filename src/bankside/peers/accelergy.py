"""Accelergy's tables: energy reference tables (ERT, pJ an action), area reference tables (ART, um2) and action counts.

Format 0.4 (Wu, Emer and Sze, ICCAD 2019): a table belongs to a component, named by its place in a hierarchy, of which
`[0..N-1]` says how many there are. Areas are of one instance, energies of one action of one instance.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.pe.core import core_area
from bankside.arch.spec import ConfigError, Spec, load
from bankside.arch.technology.process import load_process

VERSION: Final = "0.4"
PJ: Final = 1e12
UM2: Final = 1e12
_INSTANCES: Final = re.compile(r"\[(\d+)\.\.(\d+)\]")

Scalar = str | int | float | bool | None


def _counted(name: str) -> str:
    """A name whose ranges all have members."""
    for low, high in _INSTANCES.findall(name):
        if int(high) < int(low):
            raise ValueError(f"[{low}..{high}] counts no instance.")
    return name


Name = Annotated[str, Field(min_length=1), AfterValidator(_counted)]


class ActionSpec(Spec):
    """Energy of an action with so and such arguments [pJ]."""

    name: str
    arguments: dict[str, Scalar] | None = None
    energy: float = Field(ge=0)


class EnergiesSpec(Spec):
    """Actions of a component."""

    name: Name
    actions: tuple[ActionSpec, ...] = ()


class ErtSpec(Spec):
    """All tables of energies."""

    version: str | float
    tables: tuple[EnergiesSpec, ...]


class AreaSpec(Spec):
    """Area of one instance of a component [um2]."""

    name: Name
    area: float = Field(ge=0)


class ArtSpec(Spec):
    """All areas."""

    version: str | float
    tables: tuple[AreaSpec, ...]


class TablesSpec(Spec):
    """A file of energies, of areas, or of both."""

    ERT: ErtSpec | None = None
    ART: ArtSpec | None = None

    @model_validator(mode="after")
    def _has_one(self) -> "TablesSpec":
        if self.ERT is None and self.ART is None:
            raise ValueError("There is neither an ERT nor an ART.")
        return self


class CountedSpec(Spec):
    """How often an action with so and such arguments happened, in all instances together."""

    name: str
    arguments: dict[str, Scalar] | None = None
    counts: float = Field(ge=0)


class ComponentSpec(Spec):
    """What a component did."""

    name: Name
    action_counts: tuple[CountedSpec, ...]


class CountsSpec(Spec):
    """All counts of a run."""

    version: str | float
    local: tuple[ComponentSpec, ...]


class CountsFileSpec(Spec):
    """A file of action counts."""

    action_counts: CountsSpec


def read_tables(path: str | Path) -> TablesSpec:
    """An ERT or ART file.

    Raises
    ------
    ConfigError
        With every key that is not understood, every component or action that stands twice, and another version.
    """
    found = load(path, "accelergy", TablesSpec).spec
    faults = list(_versions(path, found.ERT, found.ART))
    if found.ERT is not None:
        faults += _twice(path, [_plain(table.name) for table in found.ERT.tables], "energies")
        for table in found.ERT.tables:
            keys = [_action(action.name, action.arguments) for action in table.actions]
            faults += _twice(path, keys, f"an energy in {table.name}")
    if found.ART is not None:
        faults += _twice(path, [_plain(table.name) for table in found.ART.tables], "an area")
    if faults:
        raise ConfigError(faults)
    return found


def read_counts(path: str | Path) -> CountsSpec:
    """A file of action counts; ConfigError as `read_tables`."""
    found = load(path, "accelergy", CountsFileSpec).spec.action_counts
    if faults := list(_versions(path, found)):
        raise ConfigError(faults)
    return found


def energies_pj(tables: TablesSpec) -> dict[str, float]:
    """Energy of each action by component.action [pJ]."""
    if tables.ERT is None:
        return {}
    return {
        f"{_plain(table.name)}.{_action(action.name, action.arguments)}": action.energy
        for table in tables.ERT.tables
        for action in table.actions
    }


def areas_um2(tables: TablesSpec) -> dict[str, float]:
    """Area of all instances by component [um2]."""
    if tables.ART is None:
        return {}
    return {_plain(table.name): table.area * instances(table.name) for table in tables.ART.tables}


def spent_pj(tables: TablesSpec, counts: CountsSpec) -> dict[str, float]:
    """Energy of each component for what it did [pJ].

    Raises
    ------
    ConfigError
        With each counted action that no table has an energy for.
    """
    known, spent, faults = energies_pj(tables), dict[str, float](), []
    for component in counts.local:
        name = _plain(component.name)
        for counted in component.action_counts:
            action = f"{name}.{_action(counted.name, counted.arguments)}"
            if action not in known:
                faults.append(f"The counts have {action}, for which no table has an energy.")
                continue
            spent[name] = spent.get(name, 0.0) + counted.counts * known[action]
    if faults:
        raise ConfigError(faults)
    return spent


def instances(name: str) -> int:
    """How many of a component its name says that there are."""
    count = 1
    for low, high in _INSTANCES.findall(name):
        count *= int(high) - int(low) + 1
    return count


def tables_of(machine: Machine, number_format: str) -> dict[str, object]:
    """Energies and areas of the units of a machine's cores, as an ERT and an ART of plain data.

    Raises
    ------
    ConfigError
        When no core has that format.
    """
    if not any(number_format in core.spec.formats for core in machine.cores.values()):
        raise ConfigError([f"No core of {machine.name} has the format {number_format!r}."])
    energies, areas = [], []
    for core in machine.cores.values():
        used = number_format if number_format in core.spec.formats else core.spec.formats[0]
        die = next(die for die in machine.spec.dies if die.name == core.die)
        for slot, priced, area_m2 in _units(core, die.process, used):
            name = f"{machine.name}.{core.name}[0..{core.count - 1}].{slot}"
            energies.append({"name": name, "actions": priced})
            areas.append({"name": name, "area": UM2 * area_m2})
    return {"ERT": {"version": VERSION, "tables": energies}, "ART": {"version": VERSION, "tables": areas}}


def _units(
    core: Core, named: str, number_format: str
) -> Iterator[tuple[str, list[dict[str, object]], float]]:
    process = load_process(named)
    area = core_area(core.spec.units, process, core.spec.formats)
    for slot, unit in core.spec.units.items():
        priced = unit.prices(process, number_format).items()
        yield slot, [{"name": name, "energy": PJ * price.count_j} for name, price in priced], area[slot]


def _versions(path: str | Path, *parts: ErtSpec | ArtSpec | CountsSpec | None) -> Iterator[str]:
    for part in parts:
        if part is not None and str(part.version) != VERSION:
            yield f"{path}: version {part.version} is not known; tables of version {VERSION} are."


def _twice(path: str | Path, names: list[str], what: str) -> list[str]:
    return [f"{path}: {name} has {what} twice." for name in dict.fromkeys(names) if names.count(name) > 1]


def _plain(name: str) -> str:
    return _INSTANCES.sub("", name)


def _action(name: str, arguments: Mapping[str, Scalar] | None) -> str:
    """An action's name with its arguments, in the order of their names."""
    told = ", ".join(f"{key}={value}" for key, value in sorted((arguments or {}).items()))
    return f"{name}({told})" if told else name
