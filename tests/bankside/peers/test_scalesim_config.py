from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError
from bankside.cases.places import Cell
from bankside.peers.scalesim_config import read_config

TEXT = """[general]
run_name = ArrayHeight: 9
[architecture_presets]
ArrayHeight: 4
ArrayWidth: 100%  # of what
IfmapSramSzkB: 512
FilterSramSzkB: 512
OfmapSramSzkB: 256
dataflow : ws
[sparsity]
SparsitySupport = true
"""


def test_cells_carry_line_and_key(tmp_path: Path) -> None:
    path = tmp_path / "run.cfg"
    path.write_text(TEXT)
    cells = read_config(path)
    told = {name: (str(cell), cell.place) for name, cell in cells.items() if isinstance(cell, Cell)}
    assert told["rows"] == ("4", f"{path}:4: ArrayHeight: ")
    assert told["cols"] == ("100%", f"{path}:5: ArrayWidth: ")
    assert told["dataflow"] == ("ws", f"{path}:9: dataflow: ")
    assert (cells["sparse_rep"], cells["block_size"]) == ("ellpack_block", "4")


def test_an_unknown_word_for_sparsity_is_told(tmp_path: Path) -> None:
    path = tmp_path / "run.cfg"
    path.write_text(TEXT.replace("= true", "= maybe"))
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert caught.value.errors == [
        f"{path}:11: SparsitySupport: sparse must be on or off (or true or false), not 'maybe'."
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "[layout]\nIfmapCustomLayout: True",
            "custom layouts of operands are not modelled; the key must be False.",
        ),
        (
            "[layout]\nFilterCustomLayout: on",
            "custom layouts of operands are not modelled; the key must be False.",
        ),
        ("[layout]\nFilterCustomLayout: perhaps", "must be True or False, not 'perhaps'."),
        (
            "[run_presets]\nUseRamulatorTrace: True",
            "latencies from a trace of Ramulator are not modelled; the key must be False.",
        ),
        ("[run_presets]\nClockGHz: 3", "[run_presets] has no such key in SCALE-Sim 3."),
        (
            "[architecture_presets]\nIfmapSramSz: 512",
            "this key is of SCALE-Sim 1; release 3, modelled here, has IfmapSramSzkB.",
        ),
    ],
)
def test_what_is_not_modelled_is_refused_by_name(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "run.cfg"
    path.write_text(line)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    key = line.splitlines()[1].partition(":")[0]
    assert caught.value.errors == [f"{path}:2: {key}: {sentence}"]


def test_keys_without_effect_are_read_over(tmp_path: Path) -> None:
    path = tmp_path / "run.cfg"
    path.write_text(TEXT)
    plain = read_config(path)
    path.write_text(
        TEXT.replace(
            "[architecture_presets]", "[architecture_presets]\nMemoryBanks: 1\nIfmapOffset: 0"
        ).replace("run_name = ArrayHeight: 9", "run_name = x")
        + "[layout]\nIfmapCustomLayout: False\nIfmapSRAMBankNum: 4\n[run_presets]\nUseRamulatorTrace: False\n"
    )
    assert read_config(path) == plain


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TEXT + "[general]\n", ":12: The section [general] is given twice."),
        (
            TEXT + "SparsitySupport = false\n",
            ":12: SparsitySupport is given twice in [sparsity].",
        ),
        (TEXT + "sparsitysupport = false\n", ":12: sparsitysupport is given twice in [sparsity]."),
        (
            "x = 1\n" + TEXT,
            ":1: This is not a configuration of SCALE-Sim: no section begins before this line.",
        ),
        ("[general]\n= 3\n", ":2: This is no key and its value: "),
    ],
)
def test_what_cannot_be_parsed_is_told_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "run.cfg"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    (told,) = caught.value.errors
    assert told.startswith(f"{path}{sentence}") and told.endswith(".")
