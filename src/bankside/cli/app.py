"""The program `bankside`: its commands, and how every failure ends (a sentence and an exit code)."""

from typing import Annotated

import typer

from bankside.cli import catalog, unit
from bankside.cli import compare as comparing
from bankside.cli import explain as explaining
from bankside.cli import sweep as sweeping
from bankside.cli import trace as tracing
from bankside.cli import validate as validating
from bankside.cli.failure import FaceGroup

app = typer.Typer(
    cls=FaceGroup,
    name="bankside",
    invoke_without_command=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from bankside import __version__

        typer.echo(f"bankside {__version__}")
        raise typer.Exit


@app.callback()
def bankside(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Cycle-approximate models of computing in, near and away from DRAM.

    For this kernel, with the compute placed here: how many cycles, how much of each bandwidth, how much
    energy, how hot, and why?
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


for command in (
    comparing.run,
    comparing.compare,
    catalog.list_,
    catalog.show,
    catalog.schema,
    explaining.explain,
    validating.validate,
    sweeping.sweep,
    tracing.trace,
):
    app.command(command.__name__.rstrip("_"))(command)
app.command("unit", context_settings=unit.CONTEXT)(unit.unit)
