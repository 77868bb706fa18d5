"""Unit `energy`: what actions of units consume and units occupy, out of a machine or of Accelergy's tables."""

from pathlib import Path
from typing import Any, Final

import yaml

from bankside.cases.reader import Case, Reader, refuse
from bankside.files import refuse_unwritable, write_atomically

COLUMNS: Final = {
    "machine": "machine whose units are priced: pJ of each action, um2 of all instances",
    "format": "machine: number format of the actions (default bf16)",
    "write": "machine: file for its ERT and ART",
    "tables": "file of an ERT, an ART or both, instead of a machine",
    "counts": "tables: file of action counts, for the energy of each component",
}


def run_case(case: Case) -> dict[str, Any]:
    """Figures by component and action: `..._pj` of an action, `..._um2` of a component, and with counts `spent..._pj`.

    Raises
    ------
    ConfigError
        One sentence for each cell, and each key of a file, that is not understood.
    """
    errors: list[str] = []
    read = Reader(case, errors)
    machine, tables = read.text("machine"), read.text("tables")
    if bool(machine) == bool(tables):
        read.complain("Give either a machine or tables.")
    for name, needed in (("format", "machine"), ("write", "machine"), ("counts", "tables")):
        if read.text(name) and not read.text(needed):
            read.complain(f"{name} goes with {needed}.", name)
    refuse(errors)
    if target := read.text("write"):
        refuse_unwritable(Path(target))
    if machine:
        return _of_machine(machine, read.text("format", "bf16"), read.text("write"))
    return _of_tables(tables, read.text("counts"))


def _of_machine(name: str, number_format: str, target: str) -> dict[str, Any]:
    from bankside.arch.machine.machine import load_machine
    from bankside.peers.accelergy import TablesSpec, areas_um2, energies_pj, tables_of

    plain = tables_of(load_machine(name), number_format)
    text = yaml.safe_dump(plain, sort_keys=False)
    if target:
        write_atomically(Path(target), text)
    found = TablesSpec.model_validate(plain, strict=False)
    return _figures(energies_pj(found), areas_um2(found))


def _of_tables(path: str, counts: str) -> dict[str, Any]:
    from bankside.peers.accelergy import areas_um2, energies_pj, read_counts, read_tables, spent_pj

    found = read_tables(path)
    figures = _figures(energies_pj(found), areas_um2(found))
    if counts:
        spent = spent_pj(found, read_counts(counts))
        figures |= {f"spent.{name}_pj": joule for name, joule in spent.items()}
        figures["spent_pj"] = sum(spent.values())
    return figures


def _figures(energies: dict[str, float], areas: dict[str, float]) -> dict[str, Any]:
    return {f"{name}_pj": pj for name, pj in energies.items()} | {
        f"{name}_um2": um2 for name, um2 in areas.items()
    }
