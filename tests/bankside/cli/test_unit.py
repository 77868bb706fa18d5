import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bankside import unit as units
from bankside.arch.spec import ConfigError


@pytest.fixture(autouse=True)
def adder(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A unit `dumb-adder`, of which nothing but the interface is known."""
    module = ModuleType("dumb_adder")

    def run_case(case: dict[str, Any]) -> dict[str, Any]:
        if not case.get("A", "0").isdecimal():
            raise ConfigError([f"A must be a whole number, not {case['A']!r}."])
        total = int(case.get("A", "0")) + int(case.get("b_in") or 0)
        return {"sum": total, "mean": total / 2, "odd": bool(total % 2), "none": None}

    vars(module).update(COLUMNS={"A": "first", "b_in": "second"}, run_case=run_case)
    monkeypatch.setitem(sys.modules, "bankside.unit.dumb_adder", module)
    monkeypatch.setattr(units, "unit_names", lambda: ["dumb-adder"])
    return module


@pytest.fixture
def cases(tmp_path: Path) -> Callable[[str], str]:
    """Write a file of cases; returns its path."""

    def write(text: str) -> str:
        (tmp_path / "cases.csv").write_bytes(text.encode())
        return str(tmp_path / "cases.csv")

    return write


def test_one_case_by_options(parsed: Callable[..., Any], bankside: Callable[..., Any]) -> None:
    assert parsed("unit", "dumb-adder", "--A", "3", "--b-in=4", "--json", "-") == {
        "A": "3",
        "b_in": "4",
        "model_sum": 7,
        "model_mean": 3.5,
        "model_odd": True,
        "model_none": None,
    }
    assert "sum" in bankside("unit", "dumb-adder", "--a", "3").stdout


def test_without_a_case_its_columns_are_told(bankside: Callable[..., Any]) -> None:
    outcome = bankside("unit", "dumb-adder")
    assert outcome.exit_code == 0
    assert "first" in outcome.stdout


def test_cases_pass_through_and_results_are_appended(
    bankside: Callable[..., Any], cases: Callable[[str], str], tmp_path: Path
) -> None:
    path = cases('\ufeffpeer, A,b_in,note,\r\nX,1,2,"a, b",\r\nY,3,,,\r\n')
    outcome = bankside("unit", "dumb-adder", "--cases", path, "--out", str(tmp_path / "out.csv"))
    assert (outcome.exit_code, outcome.output) == (0, "")
    text = (tmp_path / "out.csv").read_text()
    assert text == (
        "peer,A,b_in,note,model_sum,model_mean,model_odd,model_none\n"
        'X,1,2,"a, b",3,1.5,true,\n'
        "Y,3,,,3,1.5,true,\n"
    )


def test_results_of_an_earlier_run_are_replaced(
    bankside: Callable[..., Any], cases: Callable[[str], str]
) -> None:
    outcome = bankside("unit", "dumb-adder", "--cases", cases("A,model_sum,extra\n1,999,x\n"))
    (row,) = csv.DictReader(outcome.stdout.splitlines())
    assert (row["model_sum"], row["extra"]) == ("1", "x")


def test_many_cases_as_json(parsed: Callable[..., Any], cases: Callable[[str], str], tmp_path: Path) -> None:
    rows = parsed(
        "unit", "dumb-adder", "--cases", cases("A\n1\n2\n"), "--json", "-", "--out", str(tmp_path / "o")
    )
    assert [row["model_sum"] for row in rows] == [1, 2]


def test_a_unit_may_take_all_cases_at_once(
    bankside: Callable[..., Any], cases: Callable[[str], str], adder: ModuleType
) -> None:
    vars(adder)["run_cases"] = lambda rows: [{"count": len(rows)} for _ in rows]
    outcome = bankside("unit", "dumb-adder", "--cases", cases("A\n1\n2\n"))
    assert outcome.stdout == "A,model_count\n1,2\n2,2\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("unit", "frobnicate"), "no unit 'frobnicate'"),
        (("unit", "dumb-adder", "--c", "1"), "'--c' is none of its columns: --a, --b-in"),
        (("unit", "dumb-adder", "3"), "'3' is none"),
        (("unit", "dumb-adder", "--A", "1", "--a=2"), "--a is given twice, as '1' and '2'."),
        (("unit", "dumb-adder", "--A"), "--A needs a value"),
        (("unit", "dumb-adder", "--A", "x"), "A must be a whole number, not 'x'"),
        (
            ("unit", "dumb-adder", "--cases", "none.csv"),
            "none.csv: the file cannot be read: No such",
        ),
        (("unit", "dumb-adder", "--cases", "none.csv", "--A", "1"), "not both"),
        (("unit", "dumb-adder", "--A", "1", "--json", "no/where"), "no/where: its folder does not exist"),
    ],
)
def test_bad_input_is_one_sentence(
    refused: Callable[..., list[str]], words: tuple[str, ...], said: str
) -> None:
    (sentence,) = refused(*words)
    assert said in sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["is empty"]),
        ("\n\n", ["is empty"]),
        ("A,A\n1,2\n", ["'A' stands there twice"]),
        (
            "A,b_in\n1\n1,2,3\n",
            [":2: the line has 1 cells under 2", ":3: the line has 3 cells under 2"],
        ),
        ("A\n1\nx\n2\ny\n", ["cases.csv:3: A must be", "cases.csv:5: A must be"]),
        ('note,A\n\n"two\nlines",x\n,y\n', ["cases.csv:3: A must be", "cases.csv:5: A must be"]),
        ('A\n1\n"1\n', ["cases.csv:3: this is not CSV: unexpected end of data."]),
    ],
)
def test_bad_cases_are_told_all_at_once_and_nothing_is_written(
    refused: Callable[..., list[str]], cases: Callable[[str], str], tmp_path: Path, text: str, said: list[str]
) -> None:
    out = tmp_path / "out.csv"
    sentences = refused("unit", "dumb-adder", "--cases", cases(text), "--out", str(out))
    assert len(sentences) == len(said)
    for sentence, words in zip(sentences, said, strict=True):
        assert words in sentence
    assert not out.exists()


def test_shipped_units_keep_the_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for name in units.unit_names():
        unit = units.load_unit(name)
        assert units.columns(unit)
        assert callable(unit.run_case)
        assert units.unit_line(name)
        with pytest.raises(ConfigError):
            units.run_one(unit, dict.fromkeys(units.columns(unit), "\x00nonsense"))
    json.dumps({name: units.unit_line(name) for name in units.unit_names()})
