import io
import re

from rich.console import Console
from tests.bankside.sample import result

from bankside import report
from bankside.report.comparison import kernel_title
from bankside.report.table import blocks, figures

MACHINES = ("hbm-pim", "aim", "base-die", "hybrid-3d", "xpu-h100")


def five() -> list[dict[str, object]]:
    return [result(name, (position + 1) * 10_000_000_000) for position, name in enumerate(MACHINES)]


def cells(label: str, results: list[dict[str, object]]) -> list[str]:
    return dict(figures(results))[label]


def test_ratio_to_the_best() -> None:
    assert cells("  against the best", five()) == ["best", "2.00 x", "3.00 x", "4.00 x", "5.00 x"]
    assert "  against the best" not in dict(figures(five()[:1]))


def test_figures_of_one_machine() -> None:
    rows = {label: column[0] for label, column in figures([result(time_fs=10_000_000_000)])}
    assert rows["time"] == "10.0 us"
    assert rows["  in cycles"] == "10,000"
    assert rows["lower bound / time"] == "60 %"
    assert rows["most time in"] == "dram_data 60 %"
    assert rows["bandwidth at the tap"] == "3.36 TB/s"
    assert rows["  its peak"] == "4.00 TB/s"
    assert rows["  share of its peak"] == "84 %"
    # (1 + 3 + 1 uJ) / (8 x 33,554,432 bit)
    assert rows["  DRAM to the tap"] == "0.0186 pJ/bit"
    assert rows["  largest parts"] == "array_to_bank 40 %\nmac 27 %\nactivation 13 %"
    assert rows["power density, peak"] == "0.310 W/mm2\npe"
    assert rows["hottest die"] == "63.5 degC\ndram"


def test_the_unit_that_computes_is_said() -> None:
    def said(*units: str) -> list[str]:
        operators = [{"label": f"op{i}", "unit": unit} for i, unit in enumerate(units)]
        return cells("computed on", [result(mapping={"operators": operators})])

    assert said("vector") == ["vector lanes"]
    assert said("both", "both") == ["matrix unit +\nvector lanes"]
    assert said("matrix", "bank lanes", "matrix") == ["2 x matrix unit\n1 x bank lanes"]
    assert "computed on" not in dict(figures([result(mapping={})]))


def test_reads_that_nothing_is_computed_of_are_said() -> None:
    data = result()
    assert "  of it used" not in dict(figures([data]))
    data["bandwidth"]["dram"] |= {"bytes_read": 16 * data["bandwidth"]["dram"]["bytes_useful"]}
    assert cells("  of it used", [data, result()]) == ["6.2 %", ""]


def test_what_networks_are_held_for_is_said_where_there_are_any() -> None:
    held = {"network.host": {"held_links": 8, "busiest": 0.031, "mean": 0.0004}}
    assert cells("busiest link held", [result(links=held)]) == ["host 3.1 %\nmean <0.1 %"]
    assert "busiest link held" not in dict(figures([result(links={})]))


def test_tokens_per_second_of_a_decode_step_only() -> None:
    assert "tokens/s" not in dict(figures([result()]))
    assert cells("tokens/s", [result(tokens_per_s=800.0)]) == ["800"]


def test_the_title_holds_what_all_columns_share() -> None:
    kernels = [
        {
            "name": "gemv",
            "m": 64,
            "batch": batch,
            "format": "int8",
            "weights_format": "int8",
            "kv_format": "fp16",
        }
        for batch in (1, 8)
    ]
    title = kernel_title([result(kernel=kernel) for kernel in kernels])
    assert title == "gemv  m 64, int8, kv format fp16"
    assert kernel_title([result(kernel=kernels[1])]) == "gemv  m 64, batch 8, int8, kv format fp16"


def test_a_machine_without_dram_shows_dashes() -> None:
    lpu = result("sram-lpu", bandwidth={"sram": {"peak_Bps": 8e13}}, thermal={})
    assert cells("bandwidth at the tap", [result(), lpu])[1] == "-"
    assert cells("hottest die", [result(), lpu])[1] == "-"
    assert "hottest die" not in dict(figures([lpu]))


def test_a_machine_that_becomes_too_hot_says_so() -> None:
    hot = result(thermal={"peak_c": {"dram": 140.0}, "feasible": False})
    assert cells("hottest die", [hot]) == ["140.0 degC\ndram\nINFEASIBLE"]


def test_columns_are_shared_evenly_among_blocks() -> None:
    assert blocks(20, [18] * 5, 120) == [range(0, 5)]
    assert blocks(20, [18] * 5, 119) == [range(0, 2), range(2, 5)]
    assert blocks(20, [18] * 3, 10) == [range(0, 1), range(1, 2), range(2, 3)]


def test_plain_text_has_no_control_codes_and_fits() -> None:
    for width in (60, 80, 120):
        text = report.to_text(five(), width=width)
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) <= width
        for name in MACHINES:
            assert len(re.findall(rf"(?<![\w-]){name}(?![\w-])", text)) >= 2  # a column and a bar


def test_warnings_are_told_once() -> None:
    results = five()
    results[1]["warnings"] = ["Only here.", "Temperature by 1-D series resistance."]
    text = report.to_text(results)
    assert text.count("1-D series resistance") == 1
    assert " - aim: Only here." in text


def test_a_terminal_gets_colour() -> None:
    out = io.StringIO()
    Console(file=out, force_terminal=True, color_system="truecolor", width=120).print(report.render(five()))
    assert "█" in out.getvalue()
    assert "\x1b[" in out.getvalue()


def test_html_escapes_names() -> None:
    html = report.to_html([result("<script>alert(1)</script>")])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_five_machines_fit_120_characters_whatever_binds_them() -> None:
    results = five()
    for each in results:
        each["bound"] = {"time_s": 1e-6, "binding": "bandwidth at the tap", "fraction": 0.5}
    assert report.to_text(results).count("placement") == 1
    assert cells("bound by", results)[0] == "bandwidth at the\ntap"
