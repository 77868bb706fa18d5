import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.arch.spec import names
from bankside.cli.show import first_words
from bankside.kernels.catalog.catalog import CATALOG
from bankside.unit import unit_names


@pytest.mark.parametrize("kind", ["machines", "devices", "models", "sweeps"])
def test_list_names_every_shipped_file(parsed: Callable[..., Any], kind: str) -> None:
    assert [entry["name"] for entry in parsed("list", kind, "--json", "-")] == names(kind)


def test_list_says_a_line_on_each(parsed: Callable[..., Any]) -> None:
    assert {entry["name"] for entry in parsed("list", "kernels", "--json", "-")} == set(CATALOG)
    assert [entry["name"] for entry in parsed("list", "units", "--json", "-")] == unit_names()
    models = {entry["name"]: entry["description"] for entry in parsed("list", "models", "--json", "-")}
    assert models["llama-3-8b"] == "8.03G parameters, 131,072 B of KV cache a token in bf16"
    for kind in ("devices", "kernels", "models", "units", "claims"):
        assert all(entry["description"] for entry in parsed("list", kind, "--json", "-"))
    assert all(entry["description"].endswith(".") for entry in parsed("list", "units", "--json", "-"))


def test_list_prints_a_table(bankside: Callable[..., Any]) -> None:
    assert "deepseek-v3" in bankside("list", "models").stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("description: A stack.\nclock: 1 GHz\n", "A stack."),
        ('description: "A stack: tall"\n', "A stack: tall"),
        ("# yaml-language-server: $schema=x\n# At 2.1 GHz\n# in rows. More.\nclock: 1\n", "At 2.1 GHz in rows."),
        ("# no end\n", "no end"),
        ("extends: attacc-bank\ncores: {}\n", "attacc-bank, with changes"),
        ("clock: 1\n", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_first_words_of_a_yaml_file(text: str, words: str) -> None:
    assert first_words(text) == words


def test_show_model_counts_parameters_and_kv(parsed: Callable[..., Any]) -> None:
    facts = parsed("show", "model", "deepseek-v3", "--json", "-")["facts"]
    assert facts["parameters"] == "671,026,419,200"
    assert facts["KV bytes per token"] == "70,272 B"
    # 80 layers x (8192 x (8192 + 2 x 1024 + 8192) + 3 x 8192 x 28672) + 2 x 128256 x 8192 + 161 x 8192
    assert parsed("show", "model", "llama-3-70b", "--json", "-")["facts"]["parameters"] == "70,553,706,496"


def test_show_kernel_tells_its_options(bankside: Callable[..., Any]) -> None:
    outcome = bankside("show", "kernel", "decode-attention")
    assert outcome.exit_code == 0
    assert "--kv-heads" in outcome.stdout
    assert "1 when not given" in outcome.stdout


def test_show_device_gives_every_constant_its_source(
    parsed: Callable[..., Any], bankside: Callable[..., Any]
) -> None:
    constants = parsed("show", "device", "hbm3", "--json", "-")["constants"]["device hbm3"]
    by_path = {constant["path"]: constant for constant in constants}
    assert by_path["clock"]["value"] == "1.6 GHz"
    assert by_path["clock"]["confidence"] == "read"
    assert all(constant["source"] for constant in constants)
    text = bankside("show", "device", "hbm3").stdout
    assert "sources" in text
    assert by_path["clock"]["source"][:40] in text


def test_show_technology_tells_what_follows_and_every_source(
    parsed: Callable[..., Any], bankside: Callable[..., Any]
) -> None:
    sheet = parsed("show", "technology", "n45", "--json", "-")
    assert sheet["facts"]["multiply-accumulate of fp32"].startswith("4.60 pJ")
    assert sheet["facts"]["SRAM of 8 KiB"].startswith("156 fJ/bit")  # 10 pJ for 64 bit
    assert all(constant["source"] for constant in sheet["constants"]["technology n45"])
    assert [name["name"] for name in parsed("list", "technologies", "--json", "-")] == names("technology")
    assert parsed("show", "technology", "packaging", "--json", "-")["constants"]["technology packaging"]
    refused = bankside("show", "technology", "n45", "--set", "registers=-1 pJ/bit")
    assert refused.exit_code == 2 and "an energy per bit cannot be negative" in refused.stderr


def test_show_takes_changes(parsed: Callable[..., Any]) -> None:
    sheet = parsed("show", "device", "hbm3", "--set", "clock=2 GHz", "--json", "-")
    clock = next(c for c in sheet["constants"]["device hbm3"] if c["path"] == "clock")
    assert clock["value"] == "2 GHz"


@pytest.mark.parametrize("kind", ["machine", "device", "format", "sweep", "claims"])
def test_schema_is_json_schema(parsed: Callable[..., Any], kind: str) -> None:
    assert parsed("schema", kind)["$schema"].startswith("https://json-schema.org/")


def test_schema_to_a_file(bankside: Callable[..., Any], tmp_path: Path) -> None:
    target = tmp_path / "machine.schema.json"
    assert bankside("schema", "machine", "--json", str(target)).stdout == ""
    assert json.loads(target.read_text())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "everything"), "'everything' is none of machines"),
        (("show", "everything", "x"), "'everything' is none of machine"),
        (("schema", "model"), "'model' is none of"),
        (("show", "model", "llama-9"), "llama-9"),
        (("show", "kernel", "gemw"), "gemw"),
        (("show", "device", "hbm33"), "hbm33"),
        (("show", "machine", "no-such"), "no-such"),
        (("show", "model", "gpt2", "--set", "layers=2"), "--set"),
        (("show", "device", "hbm3", "--set", "clock=minus"), "clock"),
        (("list",), "KIND"),
        (("list", "models", "--json", "no/where.json"), "no/where.json"),
    ],
)
def test_bad_input_is_one_sentence(
    refused: Callable[..., list[str]], words: tuple[str, ...], said: str
) -> None:
    (sentence,) = refused(*words)
    assert said in sentence
