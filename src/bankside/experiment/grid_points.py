"""Points of an experiment: a kernel with options on a machine with changes; what a command or sweep runs
over."""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Final, TypeAlias

Value: TypeAlias = int | float | str | bool
BUILT_AT_ONCE: Final = 1024  # kernels, and machines, that a workshop keeps


@dataclass(frozen=True)
class Settings:
    """How every point of an experiment is run: stacks to shard over, folding, duty of the power map, the file of
    pinned mappings, values of weights (see `tensors.values_of`), how packages share the kernel, and whether clocks fall
    until no die is too hot."""

    stacks: int | None = None
    fold: bool = True
    duty: float = 1.0
    mapping: str | None = None
    tensors: tuple[str, ...] = ()
    parallel: str | None = None
    throttle: bool = False


@dataclass(frozen=True)
class Point:
    """One run. `varied` are the overrides and options in which it differs from its neighbours."""

    kernel: str
    options: tuple[tuple[str, Value], ...]
    machine: str
    overrides: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)
    varied_overrides: tuple[str, ...] = ()
    varied_options: tuple[str, ...] = ()

    def column(self) -> tuple[str, tuple[str, ...]]:
        """What makes a column of a comparison: the machine and the values varied on it."""
        return self.machine, self.varied_overrides

    def label(self, with_options: bool) -> str:
        """Heading of the column, one line a varied thing."""
        lines = [self.machine, *(_short(override) for override in self.varied_overrides)]
        if with_options:
            given = dict(self.options)
            lines += [f"{name}={given[name]}" for name in self.varied_options]
        return "\n".join(lines)


def _short(override: str) -> str:
    """ "tap=hbm.bank" of "cores.pe.tap=hbm.bank": the last name says enough in a heading."""
    path, _, value = override.partition("=")
    return f"{path.rpartition('.')[2]}={value}"


def expand(
    kernel: str,
    options: Mapping[str, Sequence[Value]],
    machines: Sequence[str],
    overrides: Sequence[str] = (),
    vary: Mapping[str, Sequence[str]] | None = None,
    settings: Settings | None = None,
) -> Iterator[Point]:
    """Every combination, one by one: machines outermost, then the values of `vary`, then those of the
    options, as given."""
    variants = [[f"{path}={value}" for value in values] for path, values in (vary or {}).items()]
    choices = [[(name, value) for value in values] for name, values in options.items()]
    varied_options = tuple(name for name, values in options.items() if len(values) > 1)
    for machine in machines:
        for variant in itertools.product(*variants):
            for choice in itertools.product(*choices):
                yield Point(
                    kernel,
                    choice,
                    machine,
                    (*overrides, *variant),
                    settings or Settings(),
                    variant,
                    varied_options,
                )


def combinations(axes: Iterable[Sequence[object]]) -> int:
    """How many points axes of these values have."""
    return math.prod(map(len, axes))


class Workshop:
    """Builds each kernel, model and machine of an experiment once, as long as there are not too many, and remembers
    what mapping decided; `command` goes into provenance."""

    def __init__(self, command: str | None = None) -> None:
        self.command = command
        self._kernels: dict[Any, Any] = {}
        self._models: dict[Any, Any] = {}
        self._machines: dict[Any, Any] = {}
        self._pins: dict[Any, Any] = {}
        self._tensors: dict[Any, Any] = {}
        self._contents: dict[Any, str] = {}
        self._memo: Any = None

    def kernel(self, point: Point) -> Any:
        """The kernel of `point`; ConfigError when its options or the tensors that it is given are not sound."""
        from bankside.kernels.catalog.catalog import build

        given = point.settings.tensors

        def make() -> Any:
            kernel = build(point.kernel, **{name: self._read(name, value) for name, value in point.options})
            return replace(kernel, values=self._values(given)) if given else kernel

        return _kept(self._kernels, (point.kernel, point.options, given), make)

    def _read(self, name: str, value: Value) -> Any:
        """The value of an option, a model that is named as it was read; of one that cannot be, `build` says why."""
        if name != "model" or not isinstance(value, str):
            return value
        from bankside.arch.spec import ConfigError
        from bankside.kernels.models.load import load

        try:
            return _kept(self._models, value, lambda: load(value))
        except ConfigError:
            return value

    def _values(self, given: tuple[str, ...]) -> Any:
        from bankside.experiment.tensors import values_of

        return _kept(self._tensors, given, lambda: values_of(given))

    def machine(self, point: Point) -> Any:
        """The machine of `point`; ConfigError when its YAML or an override is not sound."""
        from bankside.arch.machine.machine import load_machine

        slowed = ("throttle=true",) * point.settings.throttle
        key = (point.machine, (*point.overrides, *slowed), point.settings.stacks)
        return _kept(self._machines, key, lambda: load_machine(*key))

    def mapping(self, point: Point) -> Any:
        """The pinned mappings of `point`; ConfigError when their file is not sound."""
        from bankside.kernels.mapping.pin import load_pins

        path = point.settings.mapping
        return () if path is None else _kept(self._pins, path, lambda: load_pins(path))

    def content(self, point: Point) -> tuple[str, str, str]:
        """Digests of what the files of `point` say: its kernel with its model, its machine with all that it
        names, its pinned mappings; ConfigError when one of them cannot be read."""
        from bankside.arch.spec import digest_of_content

        kernel = self.kernel(point)
        key = (point.kernel, point.options, point.settings.tensors)
        digest = _kept(self._contents, key, lambda: digest_of_content(kernel))
        return digest, self.machine(point).digest, digest_of_content(self.mapping(point))

    def run(self, point: Point) -> dict[str, Any]:
        """The result of `point` as the dictionary of `bankside/result/1`; ConfigError when it cannot be
        run."""
        from bankside.kernels.mapping.memo import Memo
        from bankside.kernels.run.simulate import simulate

        if self._memo is None:
            self._memo = Memo()
        settings = point.settings
        result = simulate(
            self.kernel(point),
            self.machine(point),
            fold=settings.fold,
            duty=settings.duty,
            command=self.command,
            mapping=self.mapping(point),
            memo=self._memo,
            parallel=settings.parallel,
        )
        return result.to_dict()

    @staticmethod
    def load() -> None:
        """Import all that runs need, for workers that are copies of this process."""
        import_module("bankside.kernels.run.simulate")
        import_module("llvmlite.binding")  # by which compiled code is loaded

    def prepare(self, points: Sequence[Point], known: Sequence[str] = ()) -> None:
        """Build everything before anything is run.

        Raises
        ------
        ConfigError
            With the faults that are `known` and those of all points, each once.
        """
        from bankside.arch.spec import ConfigError

        faults = dict.fromkeys(known)
        for point in points:
            for build in (self.kernel, self.machine, self.mapping):
                try:
                    build(point)
                except ConfigError as error:
                    faults |= dict.fromkeys(error.errors)
        if faults:
            raise ConfigError(list(faults))


def _kept(made: dict[Any, Any], key: Any, make: Callable[[], Any]) -> Any:
    """What `make` gave for `key`; the oldest goes when there are too many."""
    if key not in made:
        value = make()
        if len(made) >= BUILT_AT_ONCE:
            del made[next(iter(made))]
        made[key] = value
    return made[key]


def run_all(
    points: Sequence[Point],
    done: Callable[[Point], object] = lambda point: None,
    command: str | None = None,
    known: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Results of all points in order; `done` hears of each. ConfigError before the first run where one can
    tell, with the faults that are `known`."""
    workshop = Workshop(command)
    workshop.prepare(points, known)
    results = []
    for point in points:
        results.append(workshop.run(point))
        done(point)
    return results
