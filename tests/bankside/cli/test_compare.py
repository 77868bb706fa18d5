import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.experiment.grid_points import Point

FIVE = "hbm-pim,aim,base-die,hybrid-3d,xpu-h100"
ATTENTION = ("compare", "decode-attention", "--model", "llama-3-8b", "--context", "8192", "--batch", "1")
GEMV = ("run", "gemv", "--m", "64", "--k", "64", "--machine", "aim")


def test_five_machines_as_json_in_the_order_given(parsed: Callable[..., Any]) -> None:
    results = parsed(*ATTENTION, "--machines", FIVE, "--json", "-")
    assert [each["machine"]["name"] for each in results] == FIVE.split(",")


def test_a_table_with_every_machine_and_its_bar(bankside: Callable[..., Any]) -> None:
    outcome = bankside(*ATTENTION, "--machines", FIVE)
    assert outcome.exit_code == 0
    assert "\x1b" not in outcome.stdout
    assert outcome.stderr == ""
    for name in FIVE.split(","):
        assert f"\n{name}" in outcome.stdout  # its bar
    assert "against the best" in outcome.stdout
    assert outcome.stdout.count("Where the cycles go") == 1


def test_run_prints_one_object_or_a_list_of_rows(parsed: Callable[..., Any]) -> None:
    assert parsed(*GEMV, "--json", "-")["machine"]["name"] == "aim"
    rows = parsed(
        "run", "gemv", "--m", "64", "--k", "64,128", "--batch", "1,8", "--machine", "aim", "--json", "-"
    )  # fmt: skip
    assert [(row["kernel"]["k"], row["kernel"]["batch"]) for row in rows] == [
        (64, 1),
        (64, 8),
        (128, 1),
        (128, 8),
    ]


def test_machines_are_outermost_then_vary_then_options(ran: list[Point], parsed: Callable[..., Any]) -> None:
    parsed(
        "compare", "gemv", "--m", "64,128", "--k", "64", "--machines", "aim,hybrid-3d",
        "--vary", "cores.pe.clock=1 GHz,2 GHz", "--set", "place.kv=hbm", "--json", "-",
    )  # fmt: skip
    assert [(point.machine, point.overrides[1], dict(point.options)["m"]) for point in ran] == [
        (machine, f"cores.pe.clock={clock}", m)
        for machine in ("aim", "hybrid-3d")
        for clock in ("1 GHz", "2 GHz")
        for m in (64, 128)
    ]
    assert all(point.overrides[0] == "place.kv=hbm" for point in ran)


def test_settings_reach_the_run(ran: list[Point], parsed: Callable[..., Any], tmp_path: Path) -> None:
    pins = tmp_path / "pins.yaml"
    pins.write_text("operators: []")
    parsed(*GEMV, "--stacks", "4", "--no-fold", "--duty", "0.5", "--mapping", str(pins), "--json", "-")
    settings = ran[0].settings
    assert (settings.stacks, settings.fold, settings.duty, settings.mapping) == (4, False, 0.5, str(pins))


def test_one_machine_shows_its_variants_side_by_side(bankside: Callable[..., Any]) -> None:
    taps = "cores.pe.tap=gddr6.bank,gddr6.host"
    outcome = bankside("compare", "gemv", "--m", "64", "--k", "64", "--machines", "aim", "--vary", taps)
    assert outcome.stdout.count("Where the cycles go") == 1
    assert "tap=gddr6.bank" in outcome.stdout
    assert "tap=gddr6.host" in outcome.stdout


def test_one_table_for_each_choice_of_options(bankside: Callable[..., Any]) -> None:
    outcome = bankside(
        "compare", "gemv", "--m", "64", "--k", "64", "--batch", "1,8", "--machines", "aim,base-die"
    )  # fmt: skip
    assert outcome.stdout.count("Where the cycles go") == 2
    assert "batch 8" in outcome.stdout
    assert "4 runs in 2 tables." in outcome.stdout


def test_placements_are_listed_from_the_cells_outwards(bankside: Callable[..., Any]) -> None:
    outcome = bankside(*ATTENTION, "--machines", FIVE, "--table", "placement")
    taps = ("gddr6.bank", "hbm.bank_pair", "hbm.vault", "hbm.base", "hbm.host")
    places = [outcome.stdout.index(f" {tap} ") for tap in taps]
    assert places == sorted(places)
    heading = next(line for line in outcome.stdout.splitlines() if "reached" in line)
    assert heading.split()[:4] == ["placement", "tap", "machine", "stacks"]


def test_operations_of_each_machine(bankside: Callable[..., Any]) -> None:
    outcome = bankside(*ATTENTION, "--machines", "aim,base-die", "--table", "operations")
    assert outcome.stdout.count("attn.score") == 2
    assert outcome.stdout.index("attn.score") < outcome.stdout.index("attn.context")


def test_runs_of_one_unit_as_a_table_and_as_json(
    bankside: Callable[..., Any], parsed: Callable[..., Any]
) -> None:
    words = (*ATTENTION, "--machines", "aim,base-die", "--per", "GBps")
    stdout = bankside(*words).stdout
    assert "runs/s of a GB/s" in stdout and "against the best" not in stdout
    assert stdout.count("Where the cycles go") == 1
    one, _ = parsed(*words, "--json", "-")
    assert one["per"]["unit"] == "GBps"
    assert one["per"]["runs_per_s"] == pytest.approx(1 / one["time_s"] / 1000)


def test_json_in_a_file_beside_the_table(bankside: Callable[..., Any], tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    outcome = bankside(*GEMV, "--json", str(target))
    assert "Where the cycles go" in outcome.stdout
    assert json.loads(target.read_text())["schema"] == "bankside/result/1"
    assert list(tmp_path.iterdir()) == [target]


def test_the_same_command_prints_the_same_bytes(bankside: Callable[..., Any]) -> None:
    words = (*ATTENTION, "--machines", FIVE, "--json", "-")
    assert bankside(*words).stdout == bankside(*words).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "gemv", "--m", "0", "--k", "64", "--machine", "aim"), "m is 0"),
        (("run", "gemv", "--m", "1,x", "--k", "64", "--machine", "aim"), "'x'"),
        (("run", "gemv", "--m", "1,", "--k", "64", "--machine", "aim"), "''"),
        (("run", "gemv", "--m", "64", "--machine", "aim"), "k"),
        (("run", "gemv", "--m", "64", "--k", "64", "--machine", "aimm"), "no 'aimm' among the machines"),
        (("run", "gemv", "--m", "64", "--k", "64"), "--machine"),
        (("run", "gemw", "--m", "64", "--machine", "aim"), "gemw"),
        (("run", "gemv", "--m", "64", "--k", "64", "--heads", "4", "--machine", "aim"), "heads"),
        (("run", "gemv", "--m", "666", "--k", "64", "--machine", "aim"), "more than aim holds"),
        (("run", "layer", "--model", "nowhere/config.json", "--context", "4", "--machine", "aim"), "nowhere"),
        ((*GEMV, "--set", "memory.nonsense=1"), "memory.nonsense"),
        ((*GEMV, "--stacks", "0"), "--stacks"),
        ((*GEMV, "--stacks", "many"), "--stacks"),
        ((*GEMV, "--duty", "0"), "--duty"),
        ((*GEMV, "--duty", "nan"), "--duty"),
        ((*GEMV, "--vary", "cores.pe.clock"), "--vary"),
        ((*GEMV, "--vary", "a=1,"), "--vary"),
        ((*GEMV, "--vary", "cores.pe.clock=1 GHz", "--vary", "cores.pe.clock=2 GHz"), "twice"),
        ((*GEMV, "--table", "pretty"), "--table"),
        ((*GEMV, "--per", "furlong"), "--per is one of machine, stack, GBps, GB, W, mm2"),
        ((*GEMV, "--per", "W", "--duty", "0.5"), "leave out --duty 0.5"),
        ((*GEMV, "--per", "W", "--table", "heat"), "--table heat"),
        ((*GEMV, "--nonsense", "1"), "--nonsense"),
        ((*GEMV, "surplus"), "surplus"),
        (("compare", "gemv", "--m", "64", "--k", "64", "--machines", "aim,,base-die"), "--machines"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_bad_input_is_one_sentence(
    refused: Callable[..., list[str]], words: tuple[str, ...], said: str
) -> None:
    (sentence,) = refused(*words)
    assert said in sentence


def test_the_faults_of_all_points_are_told_at_once_and_once(refused: Callable[..., list[str]]) -> None:
    machines = "aim,no-such,aim,neither"
    sentences = refused("compare", "gemv", "--m", "0,64", "--k", "64", "--machines", machines)
    expected = ("m is 0", "no-such", "neither")
    assert all(said in sentence for said, sentence in zip(expected, sentences, strict=True))


def test_faults_of_options_kernels_and_machines_are_told_at_once(
    refused: Callable[..., list[str]], tmp_path: Path
) -> None:
    run = ("--stacks", "0", "--duty", "2", "--vary", "x", "--table", "pretty", "--per", "furlong")
    target = ("--json", str(tmp_path / "missing" / "out.json"))
    sentences = refused(
        "compare", "gemv", "--m", "0", "--k", "3x", "--machines", "aim,,no-such", *run, *target
    )
    expected = [
        "--stacks",
        "--duty",
        "--per",
        "--vary",
        "--machines",
        "--table",
        "missing",
        "m",
        "'3x'",
        "no-such",
    ]
    assert all(said in sentence for said, sentence in zip(expected, sentences, strict=True))


def test_nothing_is_run_or_written_when_something_is_wrong(
    refused: Callable[..., list[str]], ran: list[Point], tmp_path: Path
) -> None:
    target = tmp_path / "out.json"
    refused("compare", "gemv", "--m", "64", "--k", "64", "--machines", "aim,no-such", "--json", str(target))
    assert ran == []
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_cannot_be_written_is_refused_before_the_run(
    refused: Callable[..., list[str]], ran: list[Point], tmp_path: Path
) -> None:
    (sentence,) = refused(*GEMV, "--json", str(tmp_path / "missing" / "out.json"))
    assert sentence.endswith("missing/out.json: its folder does not exist.")
    (sentence,) = refused(*GEMV, "--json", str(tmp_path))
    assert sentence.endswith("it is a folder, not a file.")
    assert ran == []


def test_more_runs_than_are_compared_are_refused_by_their_number(
    refused: Callable[..., list[str]], ran: list[Point]
) -> None:
    values = ",".join(map(str, range(1, 1001)))
    sizes = ("--m", values, "--k", values, "--batch", values)
    (sentence,) = refused("compare", "gemv", *sizes, "--machines", "aim,base-die")
    assert sentence == (
        "These are 2,000,000,000 runs; at most 10,000 are compared. 'bankside sweep' takes up to a million."
    )
    assert ran == []
