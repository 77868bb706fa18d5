"""Sweeps: a kernel over axes of options, machines and changes, one CSV row a point, resumed by itself."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeAlias

from pydantic import Field, model_validator

from bankside.arch.spec import ConfigError, FieldError, FieldsError, Spec, load
from bankside.arch.spec.errors import clip
from bankside.experiment import store_rows as rows
from bankside.experiment.grid_points import Point, Settings, Value, Workshop, combinations, expand
from bankside.experiment.store import KEY, Store
from bankside.experiment.workers import outcomes

Axis: TypeAlias = tuple[Value, ...] | Value
MOST_POINTS: Final = 1_000_000  # a store of them is 1 GB of CSV
FIRST_LOOK: Final = 1_000  # points that are built, at most, before a sweep begins


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
    parallel: str | None = Field(
        default=None, description="as --parallel: tp, pp, ep, or several with numbers"
    )
    fold: bool = True
    duty: float = Field(default=1.0, gt=0, le=1)
    throttle: bool = False
    tensors: tuple[str, ...] = Field(
        default=(), description="values of weights, as --tensor: OPERATOR=FILE, or a distribution"
    )

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        from bankside.kernels.catalog.catalog import CATALOG

        faults = list(self._axis_faults())
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

    def _axis_faults(self) -> Iterator[FieldError]:
        """Axes without values or with one of them twice, and a number of points that no sweep ends with."""
        axes: dict[str, Sequence[Value]] = {"machines": self.machines}
        axes |= {f"options.{name}": values for name, values in self._options().items()}
        axes |= {f"vary.{path}": values for path, values in self.vary.items()}
        for place, values in axes.items():
            cells = list(map(rows.cell, values))
            if not cells:
                yield FieldError("the axis has no values.", place)
            if (twice := Counter(cells).most_common(1)) and twice[0][1] > 1:
                yield FieldError(f"the axis names {clip(twice[0][0])} twice.", place)
        if (points := combinations(axes.values())) > MOST_POINTS:
            longest = max(axes, key=lambda place: len(axes[place]))
            sentence = f"the sweep has {points:,} points; at most {MOST_POINTS:,} fit into one store."
            yield FieldError(sentence, longest)

    def _options(self) -> dict[str, Sequence[Value]]:
        return {name: axis if isinstance(axis, tuple) else (axis,) for name, axis in self.options.items()}

    def axes(self) -> dict[str, list[str]]:
        """Cells of the columns that say which point a row is of: every combination of them is a point."""
        options = {name: list(map(rows.cell, values)) for name, values in self._options().items()}
        vary = {path: list(map(rows.cell, values)) for path, values in self.vary.items()}
        return {"kernel": [self.kernel], **options, "machine": list(self.machines), **vary}

    def count(self) -> int:
        """The number of points."""
        return combinations(self.axes().values())

    def points(self) -> Iterator[Point]:
        """The points in order, one by one."""
        vary = {path: list(map(rows.cell, values)) for path, values in self.vary.items()}
        settings = Settings(
            self.stacks,
            self.fold,
            self.duty,
            tensors=self.tensors,
            parallel=self.parallel,
            throttle=self.throttle,
        )
        return expand(self.kernel, self._options(), self.machines, self.set, vary, settings)


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


def key_of(point: Point, workshop: Workshop) -> str:
    """What the finished row of a point is recognised by: the point, the content of every file that it reads
    or what is wrong with them, and the code of models and rows."""
    content: Sequence[str]
    try:
        content = workshop.content(point)
    except ConfigError as error:
        content = error.errors
    settings = point.settings
    said = [point.kernel, point.options, point.machine, point.overrides]
    text = json.dumps(
        [
            *said,
            settings.stacks,
            settings.fold,
            settings.duty,
            settings.parallel,
            settings.throttle,
            content,
            _code(),
        ]
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _code() -> str:
    """Digest of the code that makes a row."""
    from bankside.arch.jit import running_digest
    from bankside.report import measures

    figures = b"".join(Path(module.__file__ or "").read_bytes() for module in (rows, measures))
    return running_digest() + hashlib.sha256(figures).hexdigest()


def refuse_unsound(points: Iterable[Point], workshop: Workshop) -> None:
    """Find out before a store is made that there is nothing to put into it.

    Raises
    ------
    ConfigError
        When none of the first `FIRST_LOOK` points can be built, and they are all there are.
    """
    faults: dict[str, None] = {}
    points = iter(points)
    for point in islice(points, FIRST_LOOK):
        try:
            workshop.content(point)
            return
        except ConfigError as error:
            faults |= dict.fromkeys(error.errors)
    if next(points, None) is None:
        raise ConfigError(list(faults))


class Task(NamedTuple):
    """A point to be run, and the key that it had when it was asked for."""

    point: Point
    key: str


_WORKSHOP: Final = Workshop()  # one a process


def outcome(task: Task) -> tuple[str, dict[str, str]]:
    """The key and the row of a point: its figures, or the sentences that say why there are none.

    Raises
    ------
    ConfigError
        When a file that the point reads has changed since the task was given.
    """
    if key_of(task.point, _WORKSHOP) != task.key:
        raise ConfigError(
            [f"A file that {task.point.machine} or the kernel reads changed; start the sweep again."]
        )
    try:
        row = {"status": "ok", **rows.row_of(_WORKSHOP.run(task.point))}
    except ConfigError as error:
        row = {"status": "fault", "fault": " ".join(error.errors)}
    return task.key, {**identity(task.point), **row}


def run_sweep(
    spec: SweepSpec, path: Path, workers: int = 1, done: Callable[[object], object] = lambda row: None
) -> Swept:
    """Bring the store at `path` up to date; `done` hears of every row that is there.

    Raises
    ------
    ConfigError
        When no point can be run, the store is another sweep's, a file changed meanwhile, or a worker was
        killed; finished rows are kept.
    """
    refuse_unsound(spec.points(), _WORKSHOP)
    _WORKSHOP.load()
    axes = spec.axes()
    keys: list[str] = []
    with Store(path, [KEY, *axes, "status", *rows.columns(), "fault"], axes) as store:

        def missing() -> Iterator[Task]:
            for point in spec.points():
                keys.append(key_of(point, _WORKSHOP))
                if keys[-1] in store.rows:
                    done(keys[-1])
                else:
                    yield Task(point, keys[-1])

        simulated = 0
        for _, (key, row) in outcomes(outcome, missing(), workers):
            simulated += 1
            store.add(key, row)
            done(key)
        store.finish(keys)
        return Swept(len(keys), simulated, store.count("status", "fault"))
