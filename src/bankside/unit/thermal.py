"""Unit `thermal`: temperatures of a stack of dies, from HotSpot's files or from cases in JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from bankside.arch.spec import ConfigError
from bankside.arch.thermal.layers import Stack
from bankside.arch.thermal.slices import Cut, even_columns, power_of
from bankside.arch.thermal.solve import Field, Probe, Solver, steady, transient
from bankside.cases.reader import Case, Reader, of_one, read_all, refuse
from bankside.files import write_atomically
from bankside.peers.hotspot import case_file
from bankside.peers.hotspot.case_file import MOST_CELLS, probes_of, read_cases
from bankside.peers.hotspot.chip import CUT, Chip
from bankside.peers.hotspot.input_files import Job, files_of, read_job
from bankside.peers.hotspot.power_trace import temperatures_text

CONVENTIONS: Final = ("physical", "hotspot")
OF_FILES: Final = ("grid", "compat", "slice_um", "write")
"""Columns that hold for all cases of a JSON file."""

COLUMNS: Final = {
    "ptrace": "power trace: names of blocks, a line of powers [W] an interval",
    "flp": "floorplan of a chip of one layer",
    "lcf": "layer configuration, instead of flp",
    "config": "HotSpot's configuration of package, grid and time (its defaults unless given)",
    "model_type": "grid, where the configuration says block",
    "grid": "columns of the grid along a side, instead of the configuration's or the case's",
    "compat": "hotspot: its nodes at the bottom of layers, its heat capacities x 0.333, its rim; physical otherwise",
    "slice_um": "physical: layers are cut into slices of at most so much [um] (default 12.5)",
    "ttrace": "file for the temperatures of all blocks after every interval [degC]",
    "write": "folder for the case in HotSpot's files",
}


def run_cases(rows: Sequence[Case]) -> list[dict[str, Any]]:
    """Result columns of many cases, in order.

    Returns
    -------
    list of dict
        Per layer, named as in the lcf or layer0, layer1, ...: LAYER_max, LAYER_mean and LAYER_min at its bottom,
        where heat is released [K], in steady state under the mean powers of the trace.

    Raises
    ------
    ConfigError
        One sentence for everything that is wrong.
    """
    jobs = read_all(rows, _read)
    return [_run(job, way) for job, way in jobs if job is not None]


run_case = of_one(run_cases)


def run_file(path: Path, given: Mapping[str, str]) -> dict[str, Any]:
    """All cases of a JSON file, the same file back: `model` in each has {layers: [{layer, max, mean, min}], transient:
    {blocks, time_s, T_K}} [K, s].

    Raises
    ------
    ConfigError
        One sentence for everything that is wrong.
    """
    errors: list[str] = [
        f"--{name.replace('_', '-')} is of HotSpot's files, not of cases in JSON."
        for name in given
        if name not in OF_FILES
    ]
    way = _Way(Reader(given, errors))
    refuse(errors)
    data, cases = read_cases(path)
    for name, case in cases.items():
        way.write(case.chip, way.grid or case.grid)
        data["cases"][name]["model"] = way.model(case)
    return data


class _Way:
    """How cases are cut and solved."""

    def __init__(self, read: Reader) -> None:
        self.compat = read.choice("compat", CONVENTIONS, "physical") == "hotspot"
        self.grid = read.whole("grid", 1, MOST_CELLS, 0) if read.text("grid") else 0
        slice_um = read.real("slice_um", 0.1, 1e6, 12.5)
        if self.compat and read.text("slice_um"):
            read.complain("slice_um has no meaning with HotSpot's layers of one node each.", "slice_um")
        self.cut = CUT if self.compat else Cut(slice_um * 1e-6)
        self._folder = read.text("write")

    def steady(self, chip: Chip, rows: int, columns: int) -> tuple[Stack, Field]:
        stack = chip.stack(self.compat)
        return stack, steady(stack, even_columns(stack, columns, rows), self.cut)

    def write(self, chip: Chip, grid: int) -> None:
        """The chip in HotSpot's files, where they are asked for."""
        if not self._folder:
            return
        folder = Path(self._folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files_of(chip, grid).items():
            write_atomically(folder / name, text)

    def model(self, case: case_file.Case) -> dict[str, Any]:
        """What a case of a JSON file gets back."""
        grid = self.grid or case.grid
        stack, field = self.steady(case.chip, grid, grid)
        found: dict[str, Any] = {"layers": _by_layer(stack, field)}
        if case.transient is not None:
            found["transient"] = self._transient(case.chip, case.transient)
        return found

    def _transient(self, chip: Chip, step: case_file.Step) -> dict[str, Any]:
        stack = chip.stack(self.compat)
        solver = Solver(stack, even_columns(stack, step.grid, step.grid), self.cut, step.step_s)
        probes = _probes(chip, solver)
        power, ambient_k = power_of(solver.cells, stack), stack.cooling.ambient_k
        wanted = [probes[name] for name in step.blocks]
        seen = transient(solver, [power] * step.count, wanted, step.initial_k - ambient_k) + ambient_k
        return {
            "blocks": list(step.blocks),
            "time_s": [at * step.step_s for at in step.steps],
            "T_K": [[float(value) for value in seen[at - 1]] for at in step.steps],
        }


def _probes(chip: Chip, solver: Solver) -> dict[str, Probe]:
    """Mean temperature over each block, at the bottom of its layer."""
    return {
        name: Probe(int(solver.cells.first[index]), solver.cells.share(block.at))
        for name, index, block in probes_of(chip)
    }


def _by_layer(stack: Stack, field: Field) -> list[dict[str, Any]]:
    rows = []
    for index, layer in enumerate(stack.layers):
        plane = field.bottom(index)
        mean = float((plane * field.cells.area).sum() / field.cells.area.sum())
        rows.append({"layer": layer.name, "max": float(plane.max()), "mean": mean, "min": float(plane.min())})
    return rows


def _read(read: Reader) -> tuple[Job | None, tuple[_Way, str]]:
    way = _Way(read), read.text("ttrace")
    if not read.text("ptrace"):
        read.complain("ptrace is missing: a case of HotSpot's files has a power trace.", "ptrace")
        return None, way
    if read.text("model_type"):
        read.choice("model_type", ("grid",))
    flp, lcf, config = (
        Path(read.text(name)) if read.text(name) else None for name in ("flp", "lcf", "config")
    )
    try:
        return read_job(Path(read.text("ptrace")), flp, lcf, config, read.text("model_type")), way
    except ConfigError as error:
        for sentence in error.errors:
            read.complain(sentence)
        return None, way


def _run(job: Job, asked: tuple[_Way, str]) -> dict[str, Any]:
    way, ttrace = asked
    rows, columns = (way.grid, way.grid) if way.grid else (job.rows, job.columns)
    way.write(job.chip, rows)
    stack, field = way.steady(job.chip, rows, columns)
    found = {
        f"{row['layer']}_{name}": row[name]
        for row in _by_layer(stack, field)
        for name in ("max", "mean", "min")
    }
    if ttrace:
        write_atomically(Path(ttrace), temperatures_text(job.names, _over_time(job, way, rows, columns)))
    return found


def _over_time(job: Job, way: _Way, rows: int, columns: int) -> Any:
    """float64[intervals, blocks]: temperatures of the blocks of a trace [K]."""
    stack = job.chip.stack(way.compat)
    solver = Solver(stack, even_columns(stack, columns, rows), way.cut, job.step_s)
    probes = {name.partition("_")[2]: probe for name, probe in _probes(job.chip, solver).items()}
    wanted = [probes[name] for name in job.names]

    def power(row: Any) -> Any:
        heat = np.zeros(solver.cells.shape)
        for probe, watt in zip(wanted, row, strict=True):
            heat[probe.slice] += watt * probe.weights
        return heat

    ambient_k = stack.cooling.ambient_k
    return transient(solver, map(power, job.trace), wanted, job.initial_k - ambient_k) + ambient_k
