"""`bankside list`, `show` and `schema`: what there is, and every constant with its source."""

from typing import Annotated, Any, Final

import typer

from bankside.cli import show as shown
from bankside.cli.options import refuse
from bankside.cli.output import STDOUT, check_target, console, to_json, write

LISTED: Final = ("machines", "devices", "technologies", "kernels", "models", "units", "sweeps", "claims")
SHOWN: Final = ("machine", "device", "technology", "kernel", "model")
SCHEMAS: Final = ("machine", "device", "technology", "format", "sweep", "claims")

Json = Annotated[str | None, typer.Option("--json", help="Write JSON to a file, - for stdout.")]


def _one_of(word: str, known: tuple[str, ...]) -> str:
    if word not in known:
        refuse(f"'{word}' is none of {', '.join(known)}.")
    return word


def list_(
    kind: Annotated[str, typer.Argument(help=", ".join(LISTED), metavar="KIND")],
    json: Json = None,
) -> None:
    """Name everything of a kind that ships, with a line on each."""
    check_target(json)
    rows = shown.listed(_one_of(kind, LISTED))
    if json is not None:
        write(to_json([{"name": name, "description": description} for name, description in rows]), json)
    if json != STDOUT:
        from rich.text import Text

        from bankside.report.grid import grid

        table = grid((kind, ""))
        for name, description in rows:
            table.add_row(Text(name, style="bold"), Text(description))
        console().print(table)


def show(
    kind: Annotated[str, typer.Argument(help=", ".join(SHOWN), metavar="KIND")],
    name: Annotated[str, typer.Argument(help="Its name, or the path of its file.")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a value first.")
    ] = None,
    json: Json = None,
) -> None:
    """Print one machine, device, technology, kernel or model: every constant with its source and confidence."""
    check_target(json)
    sheet: Any = shown.sheet(_one_of(kind, SHOWN), name, set_ or [])
    if json is not None:
        write(to_json(sheet.data()), json)
    if json != STDOUT:
        console().print(sheet)


def schema(
    kind: Annotated[str, typer.Argument(help=", ".join(SCHEMAS), metavar="KIND")],
    json: Annotated[str, typer.Option("--json", help="File to write; stdout when not given.")] = STDOUT,
) -> None:
    """Print the JSON Schema of a kind of YAML file, for completion in editors."""
    check_target(json)
    write(to_json(shown.schema_of(_one_of(kind, SCHEMAS))), json)
