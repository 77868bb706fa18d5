"""Every field of every schema changes some output: what a file says and nothing reads would mislead who writes it."""

import dataclasses
import json
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel
from tests.properties.field_examples import EXAMPLES

import bankside
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.spec import MachineSpec
from bankside.arch.pe.unit import UNITS, Deciding, Store, Unit
from bankside.arch.spec import ConfigError, load
from bankside.arch.technology import packaging
from bankside.arch.technology.packaging import PackagingSpec
from bankside.arch.technology.process import ProcessSpec
from bankside.cli.show import sheet
from bankside.experiment.sweep import SweepSpec
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run import heat
from bankside.kernels.run.simulate import simulate
from bankside.unit import dram
from bankside.validation.check import check
from bankside.validation.claims import ClaimSpec, ClaimsSpec

ROOTS = (MachineSpec, DeviceSpec, ProcessSpec, PackagingSpec, SweepSpec, ClaimsSpec)
INERT = ("description", "source", "confidence", "unit")
"""What describes a file or a value and is meant to change nothing; `unit` names the schema of its block itself."""


def schemas_below(annotation: Any, seen: set[type[BaseModel]]) -> None:
    """Collect all schemas that a type names, with those of their fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            seen.add(annotation)
            for info in annotation.model_fields.values():
                schemas_below(info.annotation, seen)
    elif get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            schemas_below(inner, seen)


def all_fields() -> set[str]:
    seen: set[type[BaseModel]] = set()
    for root in (*ROOTS, *UNITS.values()):
        schemas_below(root, seen)
    seen -= {Unit, Store, Deciding}  # of which the registered ones stand in files
    return {
        f"{one.__name__}.{name}"
        for one in seen
        for name in one.model_fields
        if name not in INERT or one is ClaimSpec
    } - {"ClaimSpec.source", "ClaimSpec.confidence"}


def test_every_field_has_an_example() -> None:
    assert set(EXAMPLES) == all_fields()


def split(text: str) -> list[str]:
    """Overrides with blanks between them; a blank inside brackets or before a unit belongs to its value."""
    words: list[str] = []
    for word in text.split():
        open_ = words and words[-1].count("{") + words[-1].count("[") > words[-1].count("}") + words[
            -1
        ].count("]")
        if "=" in word and not open_:
            words.append(word)
        else:
            words[-1] += f" {word}"
    return words


def plain(result: Any) -> str:
    """A result without what names its input or its run."""
    data = result.to_dict()
    data.pop("provenance")
    data["machine"].pop("digest")
    data["machine"].pop("stands_on")
    data["warnings"] = [sentence for sentence in data["warnings"] if " stands on " not in sentence]
    return json.dumps(data, sort_keys=True, default=str)


def run(machine: str, kernel: str, overrides: list[str]) -> str:
    kernel, _, packages = kernel.partition(" / ")
    packages, _, parallel = packages.partition(" ")
    name, *options = kernel.split()
    given = {
        key: int(value) if value.isdecimal() else value
        for key, _, value in (o.partition("=") for o in options)
    }
    loaded = load_machine(machine, overrides)
    if packages:
        loaded = load_machine(machine, overrides, int(packages) * loaded.stacks)
    return plain(simulate(build(name, **given), loaded, parallel=parallel or None))


def queue(device: str, stream: str, overrides: list[str], folder: Path) -> str:
    path = folder / f"{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps(load(device, "devices", DeviceSpec, overrides).spec.model_dump(mode="json")))
    cells = {"device": str(path), "stream": stream, "scheduler": "frfcfs", "n_req": "2000"}
    return str({name: value for name, value in dram.run_case(cells).items() if name != "cpu_s"})


def process(where: str, overrides: list[str], folder: Path) -> str:
    name, die, machine, *more = where.split(maxsplit=3)
    path = folder / f"{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps(load(name, "technology", ProcessSpec, overrides).spec.model_dump(mode="json")))
    told = [f"dies.{die}.process={path}", *split(" ".join(more))]
    kernels = ("gemm m=64 n=512 k=512", "softmax rows=64 cols=512", "gemv m=256 k=2048")
    return "".join(run(machine, kernel, told) for kernel in kernels).replace(str(path), "")


def packaged(machine: str, overrides: list[str], monkeypatch: pytest.MonkeyPatch) -> str:
    spec = load("packaging", "technology", PackagingSpec, overrides).spec
    for module in (heat, packaging):
        monkeypatch.setattr(module, "load_packaging", lambda: spec)
    return run(machine, "gemm m=64 n=512 k=512", [])


def claim(source: str, overrides: list[str]) -> str:
    path = Path(bankside.__file__).parent / "validation" / source / "claims.yaml"
    spec = load(path, "claims", ClaimsSpec, overrides).spec
    return str([*(check(one).data() for one in spec.claims[:1]), *(repr(one) for one in spec.unmeasured)])


def swept(name: str, overrides: list[str]) -> str:
    return str(
        [dataclasses.astuple(point) for point in load(name, "sweeps", SweepSpec, overrides).spec.points()]
    )


@cache
def facts(device: str, overrides: tuple[str, ...]) -> str:
    """What follows from a device, without the constants that its file states."""
    return str(sheet("device", device, list(overrides)).facts)


def output(target: str, overrides: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    kind, _, rest = target.partition(" ")
    if kind == "refusal":
        try:
            return output(rest, overrides, folder, monkeypatch)
        except ConfigError as error:
            return str(error)
    first, _, more = rest.partition(" ")
    if kind == "machine":
        return run(first, more, overrides)
    if kind == "queue":
        return queue(first, more, overrides, folder)
    if kind == "process":
        return process(rest, overrides, folder)
    if kind == "packaging":
        return packaged(first, overrides, monkeypatch)
    if kind == "sweep":
        return swept(first, overrides)
    return claim(first, overrides) if kind == "claim" else facts(first, tuple(overrides))


@pytest.mark.slow
@pytest.mark.parametrize("field", sorted(EXAMPLES))
def test_a_field_changes_an_output(field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, change = EXAMPLES[field]
    both, _, changed = change.rpartition("|")
    before = split(both)
    assert output(target, before, tmp_path, monkeypatch) != output(
        target, before + split(changed), tmp_path, monkeypatch
    )
