import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.bankside.sample import result


def test_a_saved_result_is_explained(bankside: Callable[..., Any], tmp_path: Path) -> None:
    saved = tmp_path / "result.json"
    assert (
        bankside("run", "gemv", "--m", "64", "--k", "64", "--machine", "aim", "--json", str(saved)).exit_code
        == 0
    )
    outcome = bankside("explain", str(saved))
    assert outcome.exit_code == 0
    assert outcome.stdout.startswith("gemv  m 64, k 64")
    assert "The lower bound is" in outcome.stdout


def test_every_result_of_a_list_and_stdin(bankside: Callable[..., Any]) -> None:
    text = json.dumps([result("aim"), result("base-die")])
    outcome = bankside("explain", "-", stdin=text)
    assert outcome.stdout.count("The lower bound is") == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,\n b}', ":2:2: this is not JSON: Expecting property name enclosed in double quotes."),
        ("", ":1:1: this is not JSON: Expecting value."),
        ("[" * 100_000, "not JSON"),
        ("[]", "empty"),
        ("{}", "not a result"),
        ('"text"', "not a result"),
        (json.dumps({**result(), "bound": None}), "'bound' must be a block"),
    ],
)
def test_what_is_no_result_is_refused(
    refused: Callable[..., list[str]], tmp_path: Path, text: str, said: str
) -> None:
    saved = tmp_path / "result.json"
    saved.write_text(text)
    (sentence,) = refused("explain", str(saved))
    assert said in sentence
    assert sentence.startswith(str(saved))


def test_files_that_cannot_be_read(refused: Callable[..., list[str]], tmp_path: Path) -> None:
    (sentence,) = refused("explain", str(tmp_path / "none.json"))
    assert "No such file" in sentence
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    (sentence,) = refused("explain", str(tmp_path / "binary.json"))
    assert "UTF-8" in sentence
    (sentence,) = refused("explain", str(tmp_path))
    assert "directory" in sentence
