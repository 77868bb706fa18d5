"""Energy and area tables: written as they are read, counted actions priced, what is not understood refused."""

from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError
from bankside.unit.energy import run_case

TABLES = """
ERT:
  version: '0.4'
  tables:
    - name: chip.PE[0..3].mac
      actions: [{name: multiply, energy: 0.5}, {name: idle, energy: 0}]
    - name: chip.buffer
      actions:
        - {name: read, arguments: {width: 64}, energy: 10}
        - {name: read, arguments: {width: 128}, energy: 18}
ART:
  version: '0.4'
  tables: [{name: 'chip.PE[0..3].mac', area: 100}]
"""
COUNTS = """
action_counts:
  version: '0.4'
  local:
    - {name: 'chip.PE[0..3].mac', action_counts: [{name: multiply, counts: 1000}]}
    - {name: chip.buffer, action_counts: [{name: read, arguments: {width: 64}, counts: 7}]}
"""


def written(folder: Path, name: str, text: str) -> str:
    (path := folder / f"{name}.yaml").write_text(text)
    return str(path)


def test_counted_actions_are_priced(tmp_path: Path) -> None:
    case = {"tables": written(tmp_path, "t", TABLES), "counts": written(tmp_path, "c", COUNTS)}
    found = run_case(case)
    assert found["chip.PE.mac_um2"] == 400
    assert found["chip.buffer.read(width=128)_pj"] == 18
    assert found["spent.chip.PE.mac_pj"] == 500
    assert found["spent_pj"] == 570


def test_what_a_machine_writes_is_what_it_is_read_as(tmp_path: Path) -> None:
    path = tmp_path / "tables.yaml"
    of_machine = run_case({"machine": "hybrid-3d", "write": str(path)})
    assert run_case({"tables": str(path)}) == pytest.approx(of_machine)
    assert of_machine["hybrid-3d.pe.matmul.mac_pj"] > 0
    assert of_machine["hybrid-3d.pe.sram_um2"] > 0


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (TABLES.replace("energy: 0.5", "power: 0.5"), r"t\.yaml:6.*power"),
        (TABLES.replace("'0.4'", "'0.3'", 1), "version 0.3 is not known"),
        (TABLES.replace("width: 128", "width: 64"), r"read\(width=64\) has an energy in chip.buffer twice"),
        (TABLES.replace("energy: 0.5", "energy: -1"), r"t\.yaml:6"),
        (TABLES.replace("[0..3]", "[3..1]"), r"\[3\.\.1\] counts no instance"),
        (TABLES.replace("chip.buffer", "''"), r"t\.yaml:7.*name"),
        ("other: 1\n", "other"),
    ],
)
def test_tables_that_are_not_understood_are_refused(tmp_path: Path, changed: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        run_case({"tables": written(tmp_path, "t", changed)})


def test_an_action_without_an_energy_is_refused(tmp_path: Path) -> None:
    counts = COUNTS.replace("multiply", "divide")
    with pytest.raises(ConfigError, match=r"chip\.PE\.mac\.divide, for which no table"):
        run_case({"tables": written(tmp_path, "t", TABLES), "counts": written(tmp_path, "c", counts)})


@pytest.mark.parametrize(
    "case",
    [
        {},
        {"machine": "aim", "tables": "x"},
        {"machine": "aim", "counts": "x"},
        {"machine": "upmem", "format": "fp4"},
    ],
)
def test_cases_that_are_none_are_refused(case: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        run_case(case)
