"""The unit `systolic`: conventions chosen by the row, results by name, one sentence for each wrong cell."""

import pytest

from bankside.arch.pe.systolic import physical
from bankside.arch.pe.systolic.fold import OS, WS
from bankside.arch.spec import ConfigError
from bankside.units import systolic

CASE = {"dataflow": "ws", "rows": "8", "cols": "8", "M": "20", "N": "17", "K": "33"}
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
    assert "ifmap_dram_reads" not in systolic.run_case(PEER | {"bw_mode": "USER"})


def test_undetermined_counts_stay_empty() -> None:
    big = PEER | {"dataflow": "os", "M": "300", "K": "300"}
    result = systolic.run_case(big)
    assert (result["ifmap_dram_reads"], result["filter_dram_reads"]) == ("", 17 * 300)


def test_sparse_weights_shorten_the_reduction() -> None:
    sparse = systolic.run_case(CASE | {"sparsity": "2:4", "dataflow": "os"})
    assert sparse["total_cycles"] == physical.gemm_cycles(OS, 8, 8, 20, 17, 17, False)[0]
    assert sparse["ifmap_sram_reads"] == 20 * 33 * 3
    assert sparse["metadata_bits"] == 17 * 17 * 2
    row = PEER | {"sparsity": "2:4"}
    words = [
        systolic.run_case(row | {"sparse_rep": rep})["metadata_words"] for rep in systolic.REPRESENTATIONS
    ]
    assert words == [17 * 17 * 2 / 32, 17 * 17 + 18, 17 * 17 + 18]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rows": "0"}, "rows must be between 1 and 65536, not 0."),
        ({"M": "x"}, "M must be a whole number, not 'x'."),
        ({"N": ""}, "N is missing."),
        ({"dataflow": "rs"}, "dataflow must be one of ws, os, is, not 'rs'."),
        ({"sparsity": "4:2"}, "sparsity must be n:m with 1 <= n <= m <= 1024, such as 2:4, not '4:2'."),
        ({"shadow": "maybe"}, "shadow must be true or false, not 'maybe'."),
        ({"convention": "stonne"}, "The stonne convention describes an os mesh; dataflow must be os."),
        (
            {"optimized_mapping": "true"},
            "optimized_mapping is row-wise sparsity of SCALE-Sim's ws dataflow; it needs both.",
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
    assert caught.value.errors == [sentence]


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
