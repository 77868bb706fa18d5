"""SCALE-Sim's own files in, its report columns out."""

from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError
from bankside.peers import scalesim_topology as scalesim
from bankside.peers.scalesim_config import read_config
from bankside.unit import systolic

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


def table(text: str) -> list[dict[str, str]]:
    head, *rows = (line.rstrip(",").split(", ") for line in text.splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_reports_carry_the_tools_columns(folder: Path) -> None:
    results = systolic.run_cases(scalesim.cases(folder / "run.cfg", folder / "conv.csv"))
    files = scalesim.reports(results)
    conv1, conv2 = table(files["COMPUTE_REPORT.csv"])
    assert list(conv1)[:4] == ["LayerID", "Total Cycles (incl. prefetch)", "Total Cycles", "Stall Cycles"]
    assert (conv1["Total Cycles"], conv1["LayerID"]) == (str(7 * 2 * (2 * 4 + 4 + 48 * 48 - 2) - 1), "0")
    assert conv2["Total Cycles"] == str(2 * 4 * (2 * 4 + 4 + 48 * 48 - 2) - 1)
    conv1, conv2 = table(files["DETAILED_ACCESS_REPORT.csv"])
    assert list(conv1)[1:4] == ["SRAM IFMAP Start Cycle", "SRAM IFMAP Stop Cycle", "SRAM IFMAP Reads"]
    assert list(conv1)[-3:] == ["DRAM OFMAP Start Cycle", "DRAM OFMAP Stop Cycle", "DRAM OFMAP Writes"]
    counts = [conv1[f"SRAM {name}"] for name in ("IFMAP Reads", "Filter Reads", "OFMAP Writes")]
    assert counts == [str(2304 * 27 * 2), "216", str(2304 * 8 * 7)]
    # windows of the first layer share words of the input, those of the second do not
    assert (conv1["DRAM IFMAP Reads"], conv2["DRAM IFMAP Reads"]) == ("", str(2304 * 8))


def test_the_user_mode_takes_its_ports_from_the_file(folder: Path) -> None:
    user = CONFIG.replace("CALC", "USER").replace("512", "1").replace("256", "1")
    (folder / "user.cfg").write_text(user + "[layout]\nIfmapSRAMBankBandwidth: 4\n")
    cases = scalesim.cases(folder / "user.cfg", folder / "gemm.csv")
    assert [cases[0][f"bw_{name}"] for name in ("ifmap", "filter", "ofmap")] == ["4", "10", "10"]
    first, _ = table(scalesim.reports(systolic.run_cases(cases))["COMPUTE_REPORT.csv"])
    assert int(first["Stall Cycles"]) > 0
    assert int(first["Total Cycles (incl. prefetch)"]) > int(first["Total Cycles"])
    (folder / "bare.cfg").write_text(user.replace("Bandwidth : 10\n", ""))
    with pytest.raises(ConfigError, match="bw_ifmap is missing"):
        systolic.run_cases(scalesim.cases(folder / "bare.cfg", folder / "gemm.csv"))


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


GOOGLE = """
[general]
run_name = GoogleTPU_v1_ws
[architecture_presets]
ArrayHeight:    256
ArrayWidth:     256
IfmapSramSzkB:    6144
FilterSramSzkB:   6144
OfmapSramSzkB:    2048
IfmapOffset:    0
Dataflow : ws
Bandwidth : 10
ReadRequestBuffer: 512
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
IfmapSRAMBankNum: 10
[sparsity]
SparsitySupport : false
RandomNumberGeneratorSeed : 40
[run_presets]
InterfaceBandwidth: USER
UseRamulatorTrace: False
"""


def test_convolutions_in_the_user_mode_have_all_counts(folder: Path) -> None:
    (folder / "google.cfg").write_text(GOOGLE)
    files = {"config": str(folder / "google.cfg"), "topology": str(folder / "conv.csv")}
    total = systolic.run_case(files)
    assert (total["layers"], total["stall_cycles"]) == (2, 0)
    assert total["total_cycles"] == 2 * (2 * 256 + 256 + 48 * 48 - 2 - 1)
    first, second = systolic.run_cases(scalesim.cases(folder / "google.cfg", folder / "conv.csv"))
    assert first["cycles_incl_prefetch"] > first["total_cycles"]
    whole_lines = 10 * -(-2304 * 256 // 10)  # of 10 words, unused rows of the array among them
    assert (first["ifmap_dram_reads"], second["ifmap_dram_reads"]) == (whole_lines, whole_lines)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[general]\n", ": The section [architecture_presets] is missing."),
        (CONFIG.replace("ArrayHeight:    4\n", ""), ": ArrayHeight is missing in [architecture_presets]."),
    ],
)
def test_bad_files_are_sentences(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "c.cfg"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert caught.value.errors == [f"{path}{sentence}"]


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "none.cfg")
    (tmp_path / "bad.cfg").write_text("ArrayHeight: 4\n")
    with pytest.raises(ConfigError, match="not a configuration of SCALE-Sim"):
        read_config(tmp_path / "bad.cfg")
