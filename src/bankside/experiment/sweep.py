"""Sweeps: a kernel over axes of options, machines and changes, one CSV row a point, resumed by itself."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeAlias

from pydantic import Field, model_validator

from bankside.arch.spec import ConfigError, FieldError, FieldsError, Spec, load
from bankside.experiment import store_rows as rows
from bankside.experiment.grid_points import Point, Settings, Value, Workshop, expand
from bankside.experiment.store import KEY, Store
from bankside.experiment.workers import outcomes

Axis: TypeAlias = tuple[Value, ...] | Value


class SweepSpec(Spec):
    """A sweep: every combination of its axes; machines outermost, then `vary`, then the options as
    written."""

    description: str = ""
    kernel: str
    options: dict[str, Axis] = Field(default={}, description="options of the kernel; a list is an axis")
    machines: tuple[str, ...]
    vary: dict[str, tuple[Value, ...]] = Field(default={}, description="values of the machine, each an axis")
    set: tuple[str, ...] = Field(default=(), description="PATH=VALUE, for every machine")
    stacks: int | None = Field(default=None, ge=1, le=4096)
    fold: bool = True
    duty: float = Field(default=1.0, gt=0, le=1)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        from bankside.kernels.catalog.catalog import CATALOG

        axes = {"machines": self.machines, **{f"options.{name}": axis for name, axis in self.options.items()}}
        axes |= {f"vary.{path}": values for path, values in self.vary.items()}
        faults = [FieldError("the axis has no values.", place) for place, axis in axes.items() if axis == ()]
        faults += [FieldError("it is written PATH=VALUE.", "set") for change in self.set if "=" not in change]
        if entry := CATALOG.get(self.kernel):
            known = [option.name for option in entry.options]
            sentence = f"kernel {self.kernel} has no such option; it has {', '.join(known)}."
            faults += [FieldError(sentence, f"options.{name}") for name in self.options if name not in known]
        else:
            there_are = f"there is no kernel {self.kernel!r}; there are {', '.join(CATALOG)}."
            faults.append(FieldError(there_are, "kernel"))
        if faults:
            raise FieldsError(faults)
        return self

    def points(self) -> list[Point]:
        """The points in order."""
        options = {
            name: list(axis) if isinstance(axis, tuple) else [axis] for name, axis in self.options.items()
        }
        vary = {path: [rows.cell(value) for value in values] for path, values in self.vary.items()}
        settings = Settings(self.stacks, self.fold, self.duty)
        return expand(self.kernel, options, self.machines, self.set, vary, settings)


class Swept(NamedTuple):
    """What a sweep did: points in the store, those simulated this time, those that cannot be run."""

    points: int
    simulated: int
    faults: int


def load_sweep(reference: str) -> SweepSpec:
    """A shipped sweep by name, or a YAML file by path; ConfigError with all of its faults."""
    return load(reference, "sweeps", SweepSpec).spec


def identity(point: Point) -> dict[str, str]:
    """The columns that say which point a row is of."""
    options = {name: rows.cell(value) for name, value in point.options}
    changes = dict(override.split("=", 1) for override in point.varied_overrides)
    return {"kernel": point.kernel, **options, "machine": point.machine, **changes}


def keys_of(points: Sequence[Point], workshop: Workshop) -> list[str]:
    """What finished rows are recognised by: the point, the content of its machine, and the code of the
    models.

    Raises
    ------
    ConfigError
        When not one point can be built, or two are the same.
    """
    from bankside.arch.jit import source_digest

    code, sound = source_digest(), False
    keys: list[str] = []
    faults: dict[str, None] = {}
    for point in points:
        built: list[object] = []
        for build in (workshop.machine, workshop.kernel):
            try:
                built.append(build(point))
            except ConfigError as error:
                faults |= dict.fromkeys(error.errors)
        sound = sound or len(built) == 2
        machine = getattr(built[0], "digest", "") if built else ""
        settings = point.settings
        said = [point.kernel, point.options, point.machine, point.overrides, machine]
        text = json.dumps([*said, settings.stacks, settings.fold, settings.duty, code])
        keys.append(hashlib.sha256(text.encode()).hexdigest()[:16])
    if not sound:
        raise ConfigError(list(faults))
    if len(set(keys)) != len(keys):
        raise ConfigError(
            ["Two points of the sweep are the same; an axis or the machines name a value twice."]
        )
    return keys


_WORKSHOP: Final = Workshop()  # one a process


def outcome(point: Point) -> dict[str, str]:
    """The row of a point: its figures, or the sentences that say why there are none."""
    try:
        return {"status": "ok", **rows.row_of(_WORKSHOP.run(point))}
    except ConfigError as error:
        return {"status": "fault", "fault": " ".join(error.errors)}


def run_sweep(
    spec: SweepSpec, path: Path, workers: int = 1, done: Callable[[object], object] = lambda row: None
) -> Swept:
    """Bring the store at `path` up to date; `done` hears of every row that is there.

    Raises
    ------
    ConfigError
        When no point can be run, the store is another sweep's, or a worker was killed; finished rows are
        kept.
    """
    points = spec.points()
    keys = keys_of(points, _WORKSHOP)
    identities = dict(zip(keys, map(identity, points), strict=True))
    names = dict.fromkeys(name for each in identities.values() for name in each)
    with Store(path, [KEY, *names, "status", *rows.columns(), "fault"], identities) as store:
        missing = [index for index, key in enumerate(keys) if key not in store.rows]
        for key in store.rows:
            done(key)
        for at, row in outcomes(outcome, [points[index] for index in missing], workers):
            store.add(keys[missing[at]], row)
            done(row)
        store.finish()
        return Swept(len(points), len(missing), store.count("status", "fault"))
