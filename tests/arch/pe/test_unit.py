"""The door for units: one that is defined here alone, named in a machine's YAML, computes at every tap."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from pydantic import Field

import bankside as bs
from bankside.arch.pe.unit import PRODUCT, UNITS, Costs, Int64s, Price, Unit, costs_of, macs, register
from bankside.arch.spec import json_schema
from bankside.arch.technology.process import LeakageSpec, ProcessSpec, load_process

LOOKUP_J, ENTRY_M2, WATT_PER_M2 = 0.25e-12, 2e-9, 1e4


class TableLookup(Unit):
    """Products by a table: `entries` pairs are looked up in a cycle, and sums leave after three more."""

    slots: ClassVar[frozenset[str]] = frozenset({"matmul"})

    unit: Literal["table-lookup"] = "table-lookup"
    entries: int = Field(ge=1, le=4096, description="entries read in a cycle")

    def can(self, work: str) -> bool:
        return work == PRODUCT

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Costs:
        cycles = tiles[0] * tiles[1] * -(-tiles[2] // self.entries)
        return costs_of(cycles, cycles + 3, -(-macs(tiles) // self.entries))

    def peak(self, formats: Sequence[str] = (), work: str = PRODUCT) -> int:
        return self.entries

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Mapping[str, int]:
        return {"lookup": int(macs(tiles).sum())}

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        return {"lookup": Price("mac", LOOKUP_J)}

    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        return self.entries * ENTRY_M2

    def leakage_w(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        return WATT_PER_M2 * self.area_m2(process, formats)


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    register(TableLookup)
    yield
    del UNITS["table-lookup"]


def machine_file(folder: Path, tap: str, unit: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(
        f"""extends: attacc-bank
cores:
  pe:
    tap: hbm.{tap}
    launch: 0 s
    vector: null
    matmul: {unit}
"""
    )
    return path


def run(
    folder: Path, tap: str, entries: int, leave: str = "{unit: table-lookup, entries: %d}"
) -> dict[str, Any]:
    machine = bs.machine(machine_file(folder, tap, leave % entries))
    return bs.simulate(bs.kernel("gemv", m=512, k=1024, format="bf16"), machine).document


@pytest.mark.parametrize("tap", ["bank", "vault", "host"])
def test_a_new_unit_named_in_yaml_runs_a_gemv_and_is_accounted_for(tmp_path: Path, tap: str) -> None:
    result = run(tmp_path, tap, 4)
    lookups = 512 * 1024
    assert result["events"]["pe.matmul"] == {"lookup": lookups}
    assert result["energy"]["parts_j"]["mac"] == pytest.approx(lookups * LOOKUP_J)
    core = bs.machine(machine_file(tmp_path, tap, "{unit: table-lookup, entries: 4}")).primary
    assert result["area_mm2"]["pe.matmul"] == pytest.approx(core.count * 4 * ENTRY_M2 * 1e6)
    assert result["mapping"]["operators"][0]["core"] == "pe"
    assert "pe.vector" not in result["area_mm2"]


@pytest.mark.parametrize("tap", ["bank", "vault", "host"])
def test_its_cycles_decide_where_it_is_slow(tmp_path: Path, tap: str) -> None:
    """An entry a cycle is far below every tap: the time is that of the lookups of a core, and little more."""
    core = bs.machine(machine_file(tmp_path, tap, "{unit: table-lookup, entries: 1}")).primary
    result = run(tmp_path, tap, 1)
    columns = ceil(ceil(512 / core.nodes) / core.cores)
    busy_s = columns * 1024 / core.spec.clock
    assert busy_s < result["time_s"] < 1.2 * busy_s
    assert result["stack_fs"]["compute"] > 0.85 * busy_s * 1e15
    assert result["time_s"] > 1.5 * run(tmp_path, tap, 4)["time_s"]


def test_its_leakage_takes_the_place_of_that_of_plain_logic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At one temperature: the die with the larger unit is a little warmer, so that all of it leaks more."""
    monkeypatch.setattr(LeakageSpec, "times", lambda self, celsius: 1.0)
    small, large = (run(tmp_path, "vault", entries) for entries in (512, 513))
    watt = [each["energy"]["parts_j"]["static"] / each["time_s"] for each in (small, large)]
    core = bs.machine("attacc-buffer").primary
    die = next(die for die in bs.machine("attacc-buffer").spec.dies if die.name == core.die)
    plain = load_process(die.process).leakage.logic
    assert watt[1] - watt[0] == pytest.approx(core.count * ENTRY_M2 * (WATT_PER_M2 - plain), rel=1e-6)


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("{unit: table-lookup, entires: 4}", "7:34 cores.pe.matmul.entires: unknown key 'entires'; did you mean"),
        ("{unit: table-lookup, entries: 0}", "mine.yaml:7:34 cores.pe.matmul.entries: must be at least 1, but is 0."),
        ("{unit: table-lookup}", "mine.yaml:7:5 cores.pe.matmul.entries: the key 'entries' is missing."),
        (
            "{unit: table-lokup, entries: 4}",
            "not one of bit-serial, lanes, systolic, table-lookup; did you mean 'table-lookup'?",
        ),
        ("{entries: 4}", "cores.pe.matmul: the key 'unit' is missing."),
        (
            "{unit: nonlinear, method: pwl, lanes: 4}",
            "'nonlinear' is not one of bit-serial, lanes, systolic, table-lookup",
        ),
        ("7", "cores.pe.matmul: expected a block of keys, but got the number 7."),
    ],
)  # fmt: skip
def test_faults_of_a_unit_are_told_at_their_place(tmp_path: Path, unit: str, said: str) -> None:
    with pytest.raises(bs.ConfigError) as caught:
        bs.machine(machine_file(tmp_path, "vault", unit))
    assert len(caught.value.errors) == 1
    assert said in caught.value.errors[0]


def test_the_schema_of_machines_knows_it() -> None:
    from bankside.arch.machine.spec import MachineSpec

    schema = json_schema(MachineSpec)
    known = next(one for one in _blocks(schema) if one.get("title") == "TableLookup")
    assert known["description"].startswith("Products by a table")
    assert known["properties"]["entries"]["description"] == "entries read in a cycle"


def _blocks(schema: Any) -> Iterator[dict[str, Any]]:
    """Every block of a schema."""
    if isinstance(schema, dict):
        yield schema
    for one in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _blocks(one)


def test_two_units_cannot_share_a_name() -> None:
    class Other(TableLookup):
        """Another unit under the same name."""

    with pytest.raises(ValueError, match="There is already a unit 'table-lookup'"):
        register(Other)


def test_what_data_decided_reaches_the_unit() -> None:
    """Rows 3 and 4 of tiles are cycles and bytes that are given; a unit may take them as they are."""

    class Given(TableLookup):
        """As long as it is told."""

        def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Costs:
            return costs_of(tiles[3], tiles[3], tiles[3])

    from bankside.arch.pe.product import MATRIX, ProductUnits

    tiles = np.array([[1, 1], [8, 8], [8, 8], [7, 70], [64, 64]], dtype=np.int64)
    units = ProductUnits(Given(entries=4), None, None, ())
    assert units.costs(tiles, MATRIX).interval.tolist() == [7, 70]
    assert units.choose(tiles, MATRIX).interval.tolist() == [7, 70]
