"""`bankside unit NAME`: one unit of the hardware alone, by options or by a file of cases."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from bankside.cli.options import refuse
from bankside.cli.output import STDOUT, check_target, console, to_json, write

CONTEXT: Final = {"allow_extra_args": True, "ignore_unknown_options": True}


def unit(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Unit; 'bankside list units' names them.")],
    cases: Annotated[
        str | None, typer.Option(help="CSV of cases, one a row; JSON of thermal ones.", metavar="FILE")
    ] = None,
    out: Annotated[
        str, typer.Option(help="Where the cases go with their results, - for stdout.", metavar="FILE")
    ] = STDOUT,
    json: Annotated[str | None, typer.Option("--json", help="Write JSON to a file, - for stdout.")] = None,
) -> None:
    """Drive one unit of the hardware: --COLUMN VALUE for one case, or --cases FILE.csv for many.

    'bankside unit NAME' without a case names the columns of its cases.
    """
    from bankside import unit as units

    check_target(json)
    check_target(out)
    module = units.load_unit(name)
    given = case_options(list(context.args), units.columns(module))
    if cases is not None and hasattr(module, "run_file"):
        if json is not None:
            refuse("The cases of this unit go back to where --out says, in JSON as they are; give no --json.")
        write(to_json(module.run_file(Path(cases), given)), out)
    elif cases is not None:
        if given:
            refuse("Give either --cases or the options of one case, not both.")
        _many(module, cases, out, json)
    elif given:
        _one(module, given, json)
    else:
        _describe(name, units.columns(module), json)


def case_options(words: list[str], columns: dict[str, str]) -> dict[str, str]:
    """--COLUMN VALUE or --COLUMN=VALUE words as a case; a column is found whatever its case, - for _.

    Raises
    ------
    ConfigError
        When a word is no option, an option is no column, has no value or stands there twice.
    """
    known = {column.lower().replace("_", "-"): column for column in columns}
    case: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        flag, equals, value = word.partition("=")
        column = columns and known.get(flag.removeprefix("--").lower().replace("_", "-"))
        if not flag.startswith("--") or not column:
            refuse(f"'{word}' is none of its columns: {', '.join(f'--{name}' for name in known)}.")
        if not equals:
            value = next(rest, "")
        if not value:
            refuse(f"{flag} needs a value.")
        if column in case:
            refuse(f"{flag} is given twice, as '{case[str(column)]}' and '{value}'.")
        case[str(column)] = value
    return case


def _many(module: Any, cases: str, out: str, json: str | None) -> None:
    from bankside import unit as units

    file = units.read_cases(Path(cases))
    results = units.run_many(module, file.rows)
    if json is not None:
        write(
            to_json([{**row, **_prefixed(result)} for row, result in zip(file.rows, results, strict=True)]),
            json,
        )
    if json != STDOUT or out != STDOUT:
        write(units.cases_text(file, results), out)


def _one(module: Any, case: dict[str, str], json: str | None) -> None:
    from rich.text import Text

    from bankside import unit as units
    from bankside.report.grid import grid

    result = units.run_one(module, case)
    if json is not None:
        write(to_json({**case, **_prefixed(result)}), json)
    if json != STDOUT:
        table = grid(("figure", "value"), right=(1,))
        for name, value in result.items():
            table.add_row(Text(name), f"{value:,}" if isinstance(value, int) else str(value))
        console().print(table)


def _describe(name: str, columns: dict[str, str], json: str | None) -> None:
    from rich.text import Text

    from bankside.report.grid import grid

    if json is not None:
        write(to_json({"unit": name, "columns": columns}), json)
    if json != STDOUT:
        table = grid((f"columns of a case of {name}", ""))
        for column, text in columns.items():
            table.add_row(Text(column, style="bold"), Text(text))
        console().print(table)


def _prefixed(result: dict[str, Any]) -> dict[str, Any]:
    from bankside.unit import PREFIX

    return {PREFIX + name: value for name, value in result.items()}
