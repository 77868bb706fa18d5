from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError
from bankside.peers.scalesim_config import read_config
from bankside.unit.cases.places import Cell

TEXT = """[general]
ArrayHeight = another section
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
