"""One unit of the hardware alone: which units there are, one case, or a file of cases.

A unit is a module of this package with `COLUMNS` (the names of the columns of a case, with or without a
line of help each), `run_case(case) -> results` and, where many cases are faster together, `run_cases(cases)
-> results`. One whose cases are no rows has `run_file(path, columns given for all) -> the file with results` instead.
"""

import ast
import csv
import importlib
import io
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from bankside.arch.spec import ConfigError
from bankside.cases.places import Row
from bankside.text_files import read_csv

Case: TypeAlias = Mapping[str, str]
PREFIX: Final = "model_"


def unit_names() -> list[str]:
    """Units by the name of the command line ("bit-serial"), without importing any."""
    return sorted(info.name.replace("_", "-") for info in pkgutil.iter_modules(__path__) if not info.ispkg)


def unit_line(name: str) -> str:
    """The first line of a unit's docstring, read without importing it."""
    source = Path(__file__).with_name(f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def load_unit(name: str) -> Any:
    """The module of a unit.

    Raises
    ------
    ConfigError
        When there is no such unit.
    """
    if name not in unit_names():
        raise ConfigError([f"There is no unit '{name}'; units: {', '.join(unit_names()) or 'none'}."])
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")


def columns(unit: Any) -> dict[str, str]:
    """Columns of a case that `unit` reads, with a line of help where it gives one."""
    if isinstance(unit.COLUMNS, Mapping):
        return {str(name): str(text) for name, text in unit.COLUMNS.items()}
    return {str(name): "" for name in unit.COLUMNS}


def run_one(unit: Any, case: Case) -> dict[str, Any]:
    """Results of one case by column name, without the prefix; ConfigError when the case is not sound."""
    return dict(unit.run_case(dict(case)))


def run_many(unit: Any, cases: Sequence[Row]) -> list[dict[str, Any]]:
    """Results of many cases in order.

    Raises
    ------
    ConfigError
        When cases are not sound: every fault, with the place of its row.
    """
    if hasattr(unit, "run_cases"):
        return [dict(result) for result in unit.run_cases(cases)]
    results, faults = [], []
    for case in cases:
        try:
            results.append(run_one(unit, case))
        except ConfigError as error:
            faults += [case.place + sentence for sentence in error.errors]
    if faults:
        raise ConfigError(faults)
    return results


@dataclass(frozen=True)
class CaseFile:
    """A CSV of cases: its columns in order, and its rows as text."""

    header: list[str]
    rows: list[Row]


def read_cases(path: Path) -> CaseFile:
    """Cases from a CSV file; columns of a stray comma at the end of every line are dropped.

    Raises
    ------
    ConfigError
        When it is not UTF-8, has no header, a column twice, or lines of another length.
    """
    lines = read_csv(path)
    if not lines:
        raise ConfigError([f"{path}: the file is empty; its first line names the columns."])
    (first, header), *body = lines
    while not header[-1]:
        header.pop()
    faults = [
        f"{path}:{first}: the column '{name}' stands there twice."
        for name in sorted(set(header))
        if header.count(name) > 1
    ]
    rows = []
    for at, cells in body:
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) != len(header):
            faults.append(f"{path}:{at}: the line has {len(cells)} cells under {len(header)} columns.")
        rows.append(Row(dict(zip(header, cells, strict=False)), f"{path}:{at}: "))
    if faults:
        raise ConfigError(faults)
    return CaseFile(header, rows)


def cases_text(cases: CaseFile, results: Sequence[Mapping[str, Any]]) -> str:
    """The cases with their results appended as `model_...` columns, as CSV text."""
    added: dict[str, None] = {}
    for result in results:
        added |= dict.fromkeys(result)
    kept = [name for name in cases.header if name not in {PREFIX + column for column in added}]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*kept, *(PREFIX + name for name in added)])
    for row, result in zip(cases.rows, results, strict=True):
        writer.writerow([*(row[name] for name in kept), *(_cell(result.get(name)) for name in added)])
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(float(value)) if isinstance(value, float) else str(value)
