"""`bankside run` and `bankside compare`: a kernel on one machine, or side by side on several."""

import shlex
import sys
from collections.abc import Iterator
from typing import Annotated, Any, Final

import typer

from bankside.cli.failure import sentences
from bankside.cli.options import Request, shared
from bankside.cli.output import STDOUT, check_target, console, progress, to_json, write
from bankside.experiment.grid_points import Point, combinations, expand, run_all
from bankside.report.quantities import count

MOST_RUNS: Final = 10_000  # all results are held until the last is there
TABLES: Final = ("figures", "placement", "operations", "heat")

Kernel = Annotated[str, typer.Argument(help="Kernel to run; 'bankside list kernels' names them.")]


@shared
def run(
    kernel: Kernel,
    machine: Annotated[str, typer.Option(help="Shipped machine, or the path of a YAML file.")],
    request: Request,
) -> None:
    """Run a kernel on one machine: cycles and their causes, bandwidth, energy, heat."""
    points, results = _run(kernel, [machine], request)
    _deliver(points, results, request, results[0] if len(results) == 1 else results)


@shared
def compare(
    kernel: Kernel,
    machines: Annotated[str, typer.Option(help="Machines with commas between them.", metavar="A,B,...")],
    request: Request,
) -> None:
    """Run a kernel on several machines and show them side by side."""
    names = [name.strip() for name in machines.split(",")]
    if not all(names):
        request.faults.append(f"--machines takes names with commas between them, not '{machines}'.")
    points, results = _run(kernel, [name for name in names if name], request)
    _deliver(points, results, request, results)


def _run(kernel: str, machines: list[str], request: Request) -> tuple[list[Point], list[dict[str, Any]]]:
    """All runs and their results; ConfigError with the faults of all options, of the kernel and of the machines."""
    from bankside.arch.spec import ConfigError
    from bankside.cli.compiling import announce

    faults = [*request.faults, *_faults_of_output(request)]
    runs = combinations([machines, *request.vary.values(), *request.options.values()])
    if runs > MOST_RUNS:
        faults.append(
            f"These are {runs:,} runs; at most {MOST_RUNS:,} are compared. 'bankside sweep' takes up to a million."
        )
        raise ConfigError(faults)
    points = list(
        expand(kernel, request.options, machines, request.overrides, request.vary, request.settings)
    )
    announce()
    with progress(len(points), "simulating") as done:
        return points, run_all(points, done, shlex.join(["bankside", *sys.argv[1:]]), faults)


def _faults_of_output(request: Request) -> Iterator[str]:
    if request.table not in TABLES:
        yield f"--table is one of {', '.join(TABLES)}, not '{request.table}'."
    elif request.per is not None and request.table != "figures":
        yield f"--per has a table of its own; it does not go with --table {request.table}."
    try:
        check_target(request.json)
    except OSError as error:
        yield from sentences(error)


def _deliver(points: list[Point], results: list[dict[str, Any]], request: Request, data: Any) -> None:
    if request.per is not None:
        _divide(results, request.per)
    if request.json is not None:
        write(to_json(data), request.json)
    if request.json != STDOUT:
        _print_tables(points, results, request)


def _divide(results: list[dict[str, Any]], unit: str) -> None:
    """Add to each result what its machine gets done with one unit."""
    from bankside.arch.spec import ConfigError
    from bankside.report.per_unit import per_unit

    faults: dict[str, None] = {}
    for result in results:
        try:
            result["per"] = per_unit(result, unit)
        except ValueError as error:
            faults[str(error)] = None
    if faults:
        raise ConfigError(list(faults))


def _print_tables(points: list[Point], results: list[dict[str, Any]], request: Request) -> None:
    from bankside.report.comparison import Comparison, Operations
    from bankside.report.heat_map import HeatMaps
    from bankside.report.placement import Placements

    out = console()
    for index, (members, labels) in enumerate(tables(points)):
        shown = [results[member] for member in members]
        if index:
            out.print()
        if request.table == "placement":
            out.print(Placements(shown, labels))
        elif request.table == "heat":
            for result, label in zip(shown, labels, strict=True):
                out.print(HeatMaps(result, " ".join(label.split("\n"))))
        elif request.table == "operations":
            for result, label in zip(shown, labels, strict=True):
                out.print(Operations(result, " ".join(label.split("\n"))))
        else:
            out.print(Comparison(shown, labels, per=request.per))
    if len(points) > 1 and index:
        out.print(f"\n{count(len(points), 'run')} in {count(index + 1, 'table')}.", style="dim")


def tables(points: list[Point]) -> list[tuple[list[int], list[str]]]:
    """Which points stand in one table, and their headings.

    Several machines stand side by side, one table for each choice of options; where there is one machine
    only, the choices of options stand side by side instead.
    """
    if len({point.column() for point in points}) == 1:
        return [(list(range(len(points))), [point.label(with_options=True) for point in points])]
    groups: dict[Any, list[int]] = {}
    for index, point in enumerate(points):
        groups.setdefault(point.options, []).append(index)
    return [
        (members, [points[member].label(with_options=False) for member in members])
        for members in groups.values()
    ]
