"""`bankside sweep`: many points into one CSV file; killed and started again it goes on where it was."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bankside.cli.options import refuse
from bankside.cli.output import check_target, progress


def sweep(
    sweep: Annotated[str, typer.Argument(help="Shipped sweep, or the path of a YAML file.", metavar="SWEEP")],
    store: Annotated[
        str, typer.Option(help="CSV file of the results; made or taken up.", metavar="FILE.csv")
    ],
    workers: Annotated[int, typer.Option(help="Processes that simulate.")] = 1,
) -> None:
    """Run a kernel over axes of options and machines; finished rows are skipped."""
    from bankside.cli.compiling import announce
    from bankside.experiment.sweep import load_sweep, run_sweep
    from bankside.report.quantities import count

    if not 1 <= workers <= 1024:
        refuse(f"--workers is {workers}; it must be a whole number from 1 to 1024.")
    spec = load_sweep(sweep)
    check_target(store)
    announce()
    with progress(spec.count(), "sweeping") as done:
        points, now, faults = run_sweep(spec, Path(store), workers, done)
    told = f"{store}: {count(points, 'point')}, {now:,} of them simulated now"
    sys.stdout.write(
        f"{told}; {count(faults, 'point')} cannot be run (column fault).\n" if faults else f"{told}.\n"
    )
