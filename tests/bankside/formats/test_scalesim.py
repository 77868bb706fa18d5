"""SCALE-Sim's own files in, its report columns out."""

from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError
from bankside.formats import scalesim
from bankside.units import systolic

CONFIG = """
[general]
run_name = example

[architecture_presets]
ArrayHeight:    4
ArrayWidth:     4
IfmapSramSzkB:  512
FilterSramSzkB: 512
OfmapSramSzkB:  256
Dataflow : ws
Bandwidth : 10

[run_presets]
InterfaceBandwidth: CALC
"""

SIZES = "IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides"
CONVOLUTIONS = f"Layer name, {SIZES},\nConv1, 97, 97, 3, 3, 3, 8, 2,\nConv2, 48, 48, 1, 1, 8, 16, 1,\n\n"

PRODUCTS = "Layer, M, N, K,\nq_proj, 128, 64, 256,\nscore, 128, 128, 64,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run.cfg").write_text(CONFIG)
    (tmp_path / "conv.csv").write_text(CONVOLUTIONS)
    (tmp_path / "gemm.csv").write_text(PRODUCTS)
    return tmp_path


def test_convolutions_become_products(folder: Path) -> None:
    first, second = scalesim.cases(folder / "run.cfg", folder / "conv.csv")
    assert (first["layer"], first["M"], first["N"], first["K"]) == ("Conv1", str(48 * 48), "8", "27")
    assert (second["M"], second["N"], second["K"]) == (str(48 * 48), "16", "8")
    assert (first["rows"], first["dataflow"], first["convention"]) == ("4", "ws", "scalesim")


def test_strides_may_differ(folder: Path) -> None:
    path = folder / "two.csv"
    path.write_text(
        CONVOLUTIONS.replace("Strides,", "Stride height, Stride width,").replace("8, 2,", "8, 2, 5,")
    )
    path.write_text(path.read_text().replace("16, 1,", "16, 1, 1,"))
    first, second = scalesim.read_topology(path)
    assert (first["M"], second["M"]) == (str(48 * 20), str(48 * 48))


def test_reports_carry_the_tools_columns(folder: Path) -> None:
    results = systolic.run_cases(scalesim.cases(folder / "run.cfg", folder / "conv.csv"))
    files = scalesim.reports(results)
    head, conv1, conv2 = files["COMPUTE_REPORT.csv"].splitlines()
    assert head.startswith("LayerID, Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %")
    assert conv1.split(", ")[:2] == ["0", str(7 * 2 * (2 * 4 + 4 + 48 * 48 - 2) - 1)]
    assert conv2.split(", ")[1] == str(2 * 4 * (2 * 4 + 4 + 48 * 48 - 2) - 1)
    detail = files["DETAILED_ACCESS_REPORT.csv"].splitlines()[1].split(", ")
    assert detail[1:4] == [str(2304 * 27 * 2), "216", str(2304 * 8 * 7)]


def test_products(folder: Path) -> None:
    layers = scalesim.read_topology(folder / "gemm.csv")
    assert layers[0] == {"layer": "q_proj", "M": "128", "N": "64", "K": "256"}
    sparse = "Layer, M, N, K, Sparsity,\nq_proj, 8, 8, 8, 2:4,\n"
    (folder / "sparse.csv").write_text(sparse)
    assert "sparsity" not in scalesim.cases(folder / "run.cfg", folder / "sparse.csv")[0]
    (folder / "sparse.cfg").write_text(CONFIG + "[sparsity]\nSparsitySupport: true\nBlockSize: 8\n")
    case = scalesim.cases(folder / "sparse.cfg", folder / "sparse.csv")[0]
    assert (case["sparsity"], case["block_size"]) == ("2:4", "8")
    assert systolic.run_case(case)["metadata_words"] == 8 * 4 * 2 / 32


@pytest.mark.parametrize(
    ("name", "text", "sentences"),
    [
        ("t.csv", "Layer, M, N,\na, 1, 2,\n", [":1: The column K is missing; needed: M, N, K."]),
        ("t.csv", "", [": The file is empty."]),
        (
            "t.csv",
            "Layer, M, N, K,\na, 0, 2, x,\nb, 1,\n",
            [
                ":2: M must be a whole number of at least 1, not '0'.",
                ":2: K must be a whole number of at least 1, not 'x'.",
                ":3: N must be a whole number of at least 1, not ''.",
                ":3: K must be a whole number of at least 1, not ''.",
            ],
        ),
        (
            "t.csv",
            CONVOLUTIONS.replace("48, 48, 1, 1", "48, 48, 1, 49"),
            [":3: Filter Width 49 is larger than IFMAP Width 48."],
        ),
        ("c.cfg", "[general]\n", [": The section [architecture_presets] is missing."]),
        (
            "c.cfg",
            CONFIG.replace("ArrayHeight:    4\n", ""),
            [": ArrayHeight is missing in [architecture_presets]."],
        ),
    ],
)
def test_bad_files_are_sentences(tmp_path: Path, name: str, text: str, sentences: list[str]) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        (scalesim.read_config if name == "c.cfg" else scalesim.read_topology)(path)
    assert caught.value.errors == [f"{path}{sentence}" for sentence in sentences]


def test_a_missing_convolution_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(CONVOLUTIONS.replace(" Channels,", ""))
    with pytest.raises(ConfigError, match="The column Channels is missing"):
        scalesim.read_topology(path)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        scalesim.read_config(tmp_path / "none.cfg")
    (tmp_path / "bad.cfg").write_text("ArrayHeight: 4\n")
    with pytest.raises(ConfigError, match="not a configuration of SCALE-Sim"):
        scalesim.read_config(tmp_path / "bad.cfg")
