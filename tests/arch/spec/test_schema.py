import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.arch.spec.sample import DEVICE, MACHINE, Machine

from bankside.arch.spec import ConfigError, from_dict, json_schema, load
from bankside.arch.spec.reader import read_text

SCHEMA = json_schema(Machine)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def data(text: str) -> Any:
    return read_text(text, "f", []).plain()


def accepted(text: str) -> bool:
    return bool(VALIDATOR.is_valid(data(text)))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    references = set(re.findall(r"#/\$defs/([^'\"]+)", str(SCHEMA)))
    assert references <= set(SCHEMA["$defs"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("clock: 1 GHz\n", "clock: {value: 1 GHz, source: x, confidence: read}\n"),
        ("cores:\n", "cores:\n  _source: x\n"),
        ("name: logic", "name: logic, _confidence: read"),
        ("formats", "formats"),
        ("{name: dev, clock: 1 GHz, timings: {tRC: 48, tRCD: 14 ns}}", "dev"),
        ("{name: dev, clock: 1 GHz, timings: {tRC: 48, tRCD: 14 ns}}", "{extends: dev, timings: {tRC: 40}}"),
        ("tRC: 48", "tRC: {value: 48 ns}"),
        ("name: sample\n", ""),
        ("primary: pe", "primary: pe\nshare: 0.5"),
    ],
)
def test_s6_what_the_loader_accepts(old: str, new: str, shipped: Path) -> None:
    (shipped / "devices" / "dev.yaml").write_text(DEVICE)
    text = MACHINE.replace(old, new) if old else MACHINE
    (shipped / "machines" / "m.yaml").write_text(text)
    load("m", "machines", Machine)
    assert accepted(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("clock: 1 GHz\n", "clock: 1\n"),
        ("clock: 1 GHz\n", "clock: fast\n"),
        ("clock: 1 GHz\n", "clok: 1 GHz\n"),
        ("clock: 1 GHz\n", "clock: {value: 1 GHz, sorce: x}\n"),
        ("clock: 1 GHz\n", "clock: {value: 1 GHz, confidence: sure}\n"),
        ("    clock: 1 GHz\n", ""),
        ("dataflow: os", "dataflow: xs"),
        ("unit: systolic", "unit: lanes"),
        ("rows: 32", "rows: 0"),
        ("rows: 32", "rows: 1.5"),
        ("rows: 32", "rows: many"),
        ("stacks: 2", "stacks: [2]"),
        ("primary: pe", "primary: pe\nshare: x"),
        ("tRC: 48", "tRC: -1"),
        ("primary: pe\n", ""),
    ],
)
def test_s6_what_the_loader_refuses(old: str, new: str) -> None:
    assert old in MACHINE
    text = MACHINE.replace(old, new)
    with pytest.raises(ConfigError):
        from_dict(data(text), Machine)
    assert not accepted(text)


def test_a_file_that_extends_states_only_differences() -> None:
    assert accepted("extends: base\ncores: {pe: {matmul: {rows: 64}}}\n")
    assert accepted(
        "extends: base\ncores: {pe: {_replace: true, tap: x, clock: {value: 1 GHz, source: y}}}\n"
    )
    assert accepted("extends: base\nmemories: {hbm: {device: {extends: dev, timings: {tRC: 3}}}}\n")
    assert not accepted("extends: base\ncores: {pe: {matmul: {row: 64}}}\n")
    assert not accepted("extends: base\ncores: {pe: {clock: 1}}\n")
    assert not accepted("cores: {pe: {matmul: {rows: 64}}}\n")


def test_editors_are_told_the_unit() -> None:
    clock = SCHEMA["$defs"]["Core"]["properties"]["clock"]
    assert clock["description"] == "a frequency with its unit, such as '1.6 GHz'"
