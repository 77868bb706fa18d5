"""The options of `run` and `compare`: those of all kernels in the catalog, and those of a run."""

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Never

import typer

from bankside.experiment.grid_points import Settings, Value
from bankside.kernels.catalog.catalog import CATALOG
from bankside.report.per_unit import UNITS

KERNEL: Final = "Kernel ('bankside show kernel NAME' tells which it takes)"
RUN: Final = "Run"
OUTPUT: Final = "Output"


@dataclass(frozen=True)
class Request:
    """What the shared options of `run` and `compare` say, and sentences on those that say nothing sound."""

    options: dict[str, list[Value]]
    overrides: list[str]
    vary: dict[str, list[str]]
    settings: Settings
    json: str | None
    table: str
    per: str | None
    faults: list[str]


def refuse(sentence: str) -> Never:
    """Raise ConfigError with one sentence."""
    from bankside.arch.spec import ConfigError

    raise ConfigError([sentence])


def several(text: str) -> list[Value]:
    """The numbers of "1,8,32"; the catalog refuses what is none."""
    parts = [part.strip() for part in text.split(",")]
    return [int(part) if part.isdecimal() and len(part) < 40 else part for part in parts]


def varied(texts: list[str], faults: list[str]) -> dict[str, list[str]]:
    """PATH=V1,V2 texts as a mapping from path to values; `faults` gets a sentence on each text that is no such thing
    or names a path again."""
    found: dict[str, list[str]] = {}
    for text in texts:
        path, equals, rest = text.partition("=")
        values = [value.strip() for value in rest.split(",")]
        if not equals or not path.strip() or not all(values):
            faults.append(
                f"--vary takes PATH=VALUE,VALUE,... such as cores.pe.clock='1 GHz,2 GHz', not '{text}'."
            )
        elif path.strip() in found:
            faults.append(f"--vary names {path.strip()} twice; give all of its values in one list.")
        else:
            found[path.strip()] = values
    return found


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` all options of a kernel and of a run; it receives them as one `request`."""
    own = [each for each in inspect.signature(command).parameters.values() if each.name != "request"]
    ours = [*_kernel_parameters(), *_run_parameters()]

    @functools.wraps(command)
    def wrapper(**given: Any) -> None:
        request = _request({each.name: given.pop(each.name) for each in ours})
        command(**given, request=request)

    wrapper.__signature__ = inspect.Signature([*own, *ours])  # type: ignore[attr-defined]
    wrapper.__annotations__ = {each.name: each.annotation for each in [*own, *ours]}
    return wrapper


def _request(given: dict[str, Any]) -> Request:
    faults: list[str] = []
    options: dict[str, list[Value]] = {}
    for name, (kind, _) in _kernel_options().items():
        if (text := given[name]) is not None:
            options[name] = several(text) if kind == "int" else [text]
    stacks = given["stacks"]
    if stacks is not None and stacks < 1:
        faults.append(f"--stacks takes a whole number from 1 up, not {stacks}.")
        stacks = None
    if not 0 < given["duty"] <= 1:
        faults.append(f"--duty is a share of the time, above 0 and at most 1, not {given['duty']}.")
    settings = Settings(
        stacks,
        not given["no_fold"],
        given["duty"],
        given["mapping"],
        tuple(given["tensor"]),
        given["parallel"],
        given["throttle"],
    )
    faults += _faults_of_per(given["per"], given["duty"])
    vary = varied(given["vary"], faults)
    return Request(
        options, given["set_"], vary, settings, given["json"], given["table"], given["per"], faults
    )


def _faults_of_per(unit: str | None, duty: float) -> Iterator[str]:
    """A sentence on what nothing can be divided by."""
    if unit is not None and unit not in UNITS:
        yield f"--per is one of {', '.join(UNITS)}, not '{unit}'."
    if unit == "W" and duty < 1:
        yield f"--per W divides what is done while a kernel runs by the power meanwhile: leave out --duty {duty:g}."


def _kernel_options() -> dict[str, tuple[str, str]]:
    """Every option that any kernel takes, in the catalog's order: its kind and its help."""
    found: dict[str, tuple[str, dict[str, None]]] = {}
    for entry in CATALOG.values():
        for option in entry.options:
            found.setdefault(option.name, (option.kind, {}))[1][option.help] = None
    return {name: (kind, "; ".join(helps)) for name, (kind, helps) in found.items()}


def _option(name: str, kind: Any, default: Any, *flags: str, **told: Any) -> inspect.Parameter:
    annotation = Annotated[kind, typer.Option(*flags, **told)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _kernel_parameters() -> Iterator[inspect.Parameter]:
    for name, (kind, text) in _kernel_options().items():
        flag = "--" + name.replace("_", "-")
        metavar = "N[,N...]" if kind == "int" else kind.upper()
        yield _option(name, str | None, None, flag, help=text, metavar=metavar, rich_help_panel=KERNEL)


def _run_parameters() -> Iterator[inspect.Parameter]:
    run, output = {"rich_help_panel": RUN}, {"rich_help_panel": OUTPUT}
    change = "Change a value of the machine; may be given again."
    vary = "One column for each value; may be given again."
    fold = "Simulate equal cores one by one; the numbers stay the same."
    duty = "Share of the time that the kernel runs, for power and heat."
    throttle = "Slow the clocks of logic until every die stays below its limit of temperature."
    pins = "Pin the mappings in this YAML or JSON file, such as a saved result."
    shares = "How packages share the kernel: its tensors (tp), layers (pp) or experts (ep)."
    per = f"What machines get done with one unit of something ({', '.join(UNITS)}), and parts of their time."
    table = "figures, placement (a line a machine, cells outwards), operations or heat (a map of each die)."
    yield _option("set_", list[str], [], "--set", help=change, metavar="PATH=VALUE", **run)
    yield _option("vary", list[str], [], "--vary", help=vary, metavar="PATH=V,V...", **run)
    yield _option("stacks", int | None, None, "--stacks", help="Shard over this many stacks.", **run)
    yield _option("parallel", str | None, None, "--parallel", help=shares, metavar="tp|pp|ep[=N],...", **run)
    yield _option("no_fold", bool, False, "--no-fold", help=fold, **run)
    yield _option("duty", float, 1.0, "--duty", help=duty, **run)
    yield _option("throttle", bool, False, "--throttle", help=throttle, **run)
    yield _option("mapping", str | None, None, "--mapping", help=pins, metavar="FILE", **run)
    values = (
        "Values of weights: OPERATOR=FILE (.npy, .safetensors:NAME), or a distribution; may be given again."
    )
    yield _option("tensor", list[str], [], "--tensor", help=values, metavar="NAME=FILE", **run)
    yield _option("json", str | None, None, "--json", help="Write JSON to a file, - for stdout.", **output)
    yield _option("table", str, "figures", "--table", help=table, **output)
    yield _option("per", str | None, None, "--per", help=per, metavar="UNIT", **output)
