"""The unit `systolic`: conventions chosen by the row, results by name, one sentence for each wrong cell."""

from pathlib import Path

import pytest

from bankside.arch.pe.systolic import physical
from bankside.arch.pe.systolic.fold import OS, WS
from bankside.arch.spec import ConfigError
from bankside.cases.places import Row
from bankside.unit import systolic

CASE = {"dataflow": "ws", "rows": "8", "cols": "8", "M": "20", "N": "17", "K": "33"}
BUS = {"bandwidth": "2", "ifmap_sram_kB": "1", "filter_sram_kB": "1", "ofmap_sram_kB": "1"}
PEER = CASE | {"peer": "SCALE-Sim", "ifmap_sram_kB": "64", "filter_sram_kB": "64", "ofmap_sram_kB": "64"}


def test_physical_is_the_default_convention() -> None:
    result = systolic.run_case(CASE)
    assert result["total_cycles"] == physical.gemm_cycles(WS, 8, 8, 20, 17, 33, False)[0]
    assert result["mapping_eff_pct"] == 100 * 17 * 33 / (15 * 64)
    shadow = systolic.run_case(CASE | {"shadow": "true"})
    assert shadow["total_cycles"] == physical.gemm_cycles(WS, 8, 8, 20, 17, 33, True)[0]
    assert (shadow["ofmap_sram_writes"], shadow["ofmap_sram_reads"]) == (20 * 17 * 5, 20 * 17 * 4)
    assert systolic.run_case(CASE | {"arrays": 4, "shadow": True})["total_cycles"] < shadow["total_cycles"]


def test_the_peer_column_selects_the_convention() -> None:
    result = systolic.run_case(PEER)
    assert result["total_cycles"] == 5 * 3 * (2 * 8 + 8 + 20 - 2) - 1
    assert (result["ifmap_dram_reads"], result["filter_dram_reads"]) == (20 * 33, 17 * 33)
    assert result["ofmap_dram_writes"] == result["ofmap_sram_writes"] == 20 * 17 * 5
    assert systolic.run_case(PEER | {"convention": "physical"})["total_cycles"] != result["total_cycles"]
    stonne = CASE | {"peer": "STONNE", "dataflow": "os (TPU_OS_DENSE, OS_MESH)", "dn_bw": "16"}
    assert systolic.run_case(stonne)["total_cycles"] == 9 * 33 + 60 + 51 + 27 - 3


def test_ports_of_the_user_mode_stall() -> None:
    user = PEER | {"bw_mode": "USER", "bw_ifmap": "10", "bw_filter": "10", "bw_ofmap": "10"}
    free, ample = systolic.run_case(PEER), systolic.run_case(user)
    assert (ample["stall_cycles"], ample["total_cycles"]) == (0, free["total_cycles"])
    assert ample["cycles_incl_prefetch"] > ample["total_cycles"]
    # measured: 16 x 16, 1 x 256 x 256, 16 KiB each
    row = user | {"rows": "16", "cols": "16", "M": "1", "N": "256", "K": "256"}
    short = systolic.run_case(row | {f"{name}_sram_kB": "16" for name in ("ifmap", "filter", "ofmap")})
    assert (short["total_cycles"], short["stall_cycles"]) == (73668, 61637)
    assert (short["cycles_incl_prefetch"], short["filter_dram_reads"]) == (74897, 721600)
    assert short["overall_util_pct"] == 100 * 256 * 256 / (73668 * 256)
    for unknown, sentence in (
        ({"sparsity": "2:4"}, "modelled for dense weights"),
        ({"N": str(2**20), "K": "1000"}, "up to 33554432 words of an operand"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            systolic.run_case(user | unknown)


CONVOLUTION = {name: cell for name, cell in CASE.items() if name not in ("M", "K")} | {
    "convolution": "12 12 3 3 4 1 1"
}


def test_a_convolution_says_its_product_and_what_its_windows_share() -> None:
    kib = {f"{name}_sram_kB": "64" for name in ("ifmap", "filter", "ofmap")}
    found = systolic.run_case(CONVOLUTION | BUS | kib)
    product = systolic.run_case(CASE | BUS | kib | {"M": "100", "K": "36"})
    assert (found["dram_reads"], product["dram_reads"]) == (576 + 17 * 36, 3600 + 17 * 36)
    assert found["fill_drain_cycles"] == product["fill_drain_cycles"]
    assert found["ifmap_sram_reads"] == product["ifmap_sram_reads"]
    peer = systolic.run_case(CONVOLUTION | {"peer": "SCALE-Sim"} | kib)
    assert peer["total_cycles"] == systolic.run_case(PEER | {"M": "100", "K": "36"})["total_cycles"]
    assert "ifmap_dram_reads" not in peer


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"convolution": "12 12 3 3 4 1"}, "convolution must be seven whole numbers of at least 1"),
        ({"convolution": "2 12 3 3 4 1 1"}, "the filter of 3 x 3 is larger than the input of 2 x 12."),
        ({"M": "99"}, "M = 100 pixels and K = 36 words in a window, but the case says M = 99 and K = 36."),
        (BUS | {"sparsity": "2:4"}, "convolutions are modelled with dense weights."),
        (BUS | {"convolution": "2000000000 1 1 1 1 1 1"}, "walked through fold by fold"),
    ],
)
def test_a_wrong_convolution_is_a_sentence(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        systolic.run_case(CONVOLUTION | change)
    assert sentence in str(caught.value)


def test_operands_that_fill_half_their_sram_are_read_again() -> None:
    # os, M = 300, N = 17, K = 300: 90000 words of input pass three times; each strip of 8 columns passes 38 times
    big = systolic.run_case(PEER | {"dataflow": "os", "M": "300", "K": "300"})
    assert (big["ifmap_dram_reads"], big["filter_dram_reads"]) == (3 * 90_000, 17 * 300)
    small = systolic.run_case(PEER | {"dataflow": "os", "M": "300", "K": "300", "filter_sram_kB": "8"})
    assert (
        small["filter_dram_reads"] == 17 * 300 + 4050 - 2400
    )  # the second strip meets the stop at 4050 words
    partly = {name: cell for name, cell in PEER.items() if name not in ("ifmap_sram_kB", "ofmap_sram_kB")}
    assert [name for name in systolic.run_case(partly) if "dram" in name] == ["filter_dram_reads"]
    rowwise = systolic.run_case(PEER | {"optimized_mapping": "true", "sparsity": "1:4"})
    assert not [name for name in rowwise if "dram" in name]


def test_sparse_weights_shorten_the_reduction() -> None:
    sparse = systolic.run_case(CASE | {"sparsity": "2:4", "dataflow": "os"})
    assert sparse["total_cycles"] == physical.gemm_cycles(OS, 8, 8, 20, 17, 17, False)[0]
    assert sparse["ifmap_sram_reads"] == 20 * 33 * 3
    assert sparse["metadata_bits"] == 17 * 17 * 2
    row = PEER | {"sparsity": "2:4"}
    words = [
        systolic.run_case(row | {"sparse_rep": rep})["metadata_words"]
        for rep in ("ellpack_block", "csr", "csc")
    ]
    assert words == [17 * 17 * 2 / 32, 17 * 17 + 18, 17 * 17 + 18]


def test_a_bus_stalls_the_array() -> None:
    free = systolic.run_case(CASE)["total_cycles"]
    slow, fast, single = (
        systolic.run_case(CASE | BUS | change)
        for change in ({"bandwidth": "0.5"}, {"bandwidth": "1000"}, {"double_buffer": "false"})
    )
    assert slow["total_cycles"] == free + slow["stall_cycles"] > fast["total_cycles"] > free
    assert single["total_cycles"] > systolic.run_case(CASE | BUS)["total_cycles"]
    assert (fast["dram_reads"], fast["dram_writes"]) == (20 * 33 + 33 * 17, 20 * 17)


def test_narrow_ports_slow_the_stream() -> None:
    free = systolic.run_case(CASE)
    narrow = systolic.run_case(CASE | {"ifmap_port": "4"})
    # a vector of 8 takes two cycles; the last row of folds has one row in use
    assert narrow["port_cycles"] == narrow["total_cycles"] - free["total_cycles"] == 4 * 3 * 20
    assert narrow["fill_drain_cycles"] == free["fill_drain_cycles"]


def test_rowwise_sparsity_is_slowed_by_its_fullest_column() -> None:
    case = CASE | {"N": "64", "K": "256", "optimized_mapping": "true", "block_size": "8"}
    rows = [systolic.run_case(case | {"seed": str(seed)}) for seed in (1, 2)]
    dense = systolic.run_case(case | {"optimized_mapping": "false"})
    for row in rows:
        assert 0 < row["imbalance_cycles"] < row["total_cycles"] < dense["total_cycles"]
        assert row["filter_sram_reads"] == pytest.approx(64 * 256 * 2.5 / 8, rel=0.03)
    assert rows[0]["filter_sram_reads"] != rows[1]["filter_sram_reads"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rows": "0"}, "rows must be between 1 and 65536, not 0."),
        ({"M": "x"}, "M must be a whole number, not 'x'."),
        ({"N": ""}, "N is missing."),
        ({"dataflow": "rs"}, "dataflow must be one of ws, os, is, not 'rs'."),
        ({"sparsity": "4:2"}, "sparsity must be n:m with 1 <= n <= m <= 1024, such as 2:4, not '4:2'."),
        ({"shadow": "maybe"}, "shadow must be on or off (or true or false), not 'maybe'."),
        ({"convention": "stonne"}, "The stonne convention describes an os mesh; dataflow must be os."),
        (
            {"optimized_mapping": "true", "dataflow": "os", "convention": "scalesim"},
            "SCALE-Sim's optimized_mapping exists for the ws dataflow alone.",
        ),
        (
            BUS | {"filter_sram_kB": ""},
            "filter_sram_kB is missing; a bandwidth needs the size of all three SRAMs.",
        ),
        (
            BUS | {"arrays": "2"},
            "Several arrays are modelled without a bandwidth and without row-wise sparsity.",
        ),
        (
            BUS | {"ifmap_port": "2"},
            "Port widths are modelled without a bandwidth and without row-wise sparsity.",
        ),
        (BUS | {"optimized_mapping": "yes"}, "A bandwidth is modelled without row-wise sparsity."),
        (
            BUS
            | {"convention": "scalesim", "bw_mode": "USER", "bw_filter": "0", "bw_ofmap": "1"}
            | {"ifmap_sram_kB": ""},
            "bw_ifmap is missing.\nbw_filter must be between 1 and 2147483648, not 0.\n"
            "ifmap_sram_kB is missing; the USER mode needs the size of all three SRAMs.",
        ),
        (
            {"optimized_mapping": "true", "N": 2**31, "K": 2**12},
            "Row-wise sparsity is modelled up to 16777216 blocks of weights that are visited 4294967296 times in all; "
            "here 2199023255552 blocks are visited 2199023255552 times.",
        ),
        (
            {"optimized_mapping": "true", "dataflow": "os", "M": 2**20, "N": 2**13, "K": 2**12},
            "Row-wise sparsity is modelled up to 16777216 blocks of weights that are visited 4294967296 times in all; "
            "here 8388608 blocks are visited 1099511627776 times.",
        ),
        (BUS | {"bandwidth": "x"}, "bandwidth must be a number, not 'x'."),
        (BUS | {"bandwidth": "-1"}, "bandwidth must be between 1e-06 and 1e+12, not -1."),
        (
            BUS | {"rows": "33", "cols": "17"},
            "filter_sram_kB holds 1024 words, fewer than the 1122 of one tile and its double buffer.",
        ),
        (
            {"filter_sram_kB": "1", "rows": "99", "cols": "99", "N": "99", "K": "99"},
            "filter_sram_kB holds 1024 words, fewer than the 9801 of one tile.",
        ),
        (
            {"M": 2**31, "N": 2**31, "K": 2},
            "M x N x K = 2147483648 x 2147483648 x 2 is too large to count in 64 bits.",
        ),
    ],
)
def test_bad_cells_are_sentences(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        systolic.run_case(CASE | change)
    assert caught.value.errors == sentence.split("\n")


CONFIG = """[architecture_presets]
ArrayHeight: 8
ArrayWidth: 8
IfmapSramSzkB: 64
FilterSramSzkB: 64
OfmapSramSzkB: 64
Dataflow: ws
"""


def test_files_of_scalesim_run_whole(tmp_path: Path) -> None:
    config, topology, reports = tmp_path / "run.cfg", tmp_path / "layers.csv", tmp_path / "out"
    config.write_text(CONFIG)
    topology.write_text("Layer, M, N, K, Sparsity,\na, 20, 17, 33, 2:4,\nb, 20, 17, 33, 2:4,\n")
    files = {"config": str(config), "topology": str(topology)}
    one = systolic.run_case(PEER)
    total = systolic.run_case(files | {"reports": str(reports)})
    assert (total["layers"], total["total_cycles"]) == (2, 2 * one["total_cycles"])
    assert f"1, , {one['total_cycles']}, 0, " in (reports / "COMPUTE_REPORT.csv").read_text()
    assert systolic.run_cases([files, files])[1] == total
    physical = systolic.run_case(files | {"convention": "physical", "rows": "4"})
    assert physical["total_cycles"] == 2 * systolic.run_case(CASE | {"rows": "4"})["total_cycles"]
    with pytest.raises(ConfigError, match="rows must be between 1 and 65536, not 0"):
        systolic.run_case(files | {"rows": "0"})
    topology.write_text("Layer, M, N,\na, 20, 17,\n")
    with pytest.raises(ConfigError, match=":2: K must be a whole number"):
        systolic.run_case(files)
    topology.write_text("Layer, M, N, K,\n")
    with pytest.raises(ConfigError, match="The file lists no layer"):
        systolic.run_case(files)
    config.write_text(CONFIG + "[sparsity]\nSparsitySupport: true\n")
    topology.write_text("Layer, M, N, K, Sparsity,\na, 20, 17, 33, 2:4,\n")
    assert systolic.run_case(files)["total_cycles"] < one["total_cycles"]
    with pytest.raises(ConfigError, match="The report cannot be written"):
        systolic.run_case(files | {"reports": str(config)})


def test_a_cell_is_blamed_on_the_file_that_it_stands_in(tmp_path: Path) -> None:
    config, topology = tmp_path / "run.cfg", tmp_path / "layers.csv"
    config.write_text(
        CONFIG.replace("ArrayHeight: 8", "ArrayHeight: 0").replace("Dataflow: ws", "Dataflow = rs")
    )
    topology.write_text("Layer, M, N, K, Sparsity,\n\na, 20, 17, 33, 2:4,\nb, 20, 17, 2147483649, 2:4,\n")

    def told(case: dict[str, str]) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            systolic.run_case(case)
        return caught.value.errors

    files = {"config": str(config), "topology": str(topology)}
    assert told(files) == [
        f"{config}:7: Dataflow: dataflow must be one of ws, os, is, not 'rs'.",
        f"{config}:2: ArrayHeight: rows must be between 1 and 65536, not 0.",
        f"{topology}:4: K must be between 1 and 2147483648, not 2147483649.",
    ]
    assert told(files | {"rows": "8", "dataflow": "rt"})[0] == "dataflow must be one of ws, os, is, not 'rt'."
    assert told({"topology": str(topology), "dataflow": "ws", "rows": "8"}) == [
        "cols is missing.",
        f"{topology}:4: K must be between 1 and 2147483648, not 2147483649.",
    ]
    row = Row(files | {"M": "1", "N": "1", "K": "1", "cols": "x", "topology": ""}, "cases.csv:5: ")
    assert told(row)[2] == "cases.csv:5: cols must be a whole number, not 'x'."


def test_all_rows_complain_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        systolic.run_cases([CASE, CASE | {"rows": "0"}, CASE | {"K": "-1", "dataflow": ""}])
    assert [error.split(" ", 3)[:3] for error in caught.value.errors] == [
        ["Row", "2:", "rows"],
        ["Row", "3:", "dataflow"],
        ["Row", "3:", "K"],
    ]


def test_every_column_is_explained() -> None:
    assert all(text and not text.endswith(".") for text in systolic.COLUMNS.values())
