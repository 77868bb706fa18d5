import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RAMULATOR = "".join(f"{'LD' if i % 3 else 'ST'} {64 * i:#x}\n" for i in range(200))


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str = RAMULATOR) -> str:
        (tmp_path / "requests.trace").write_text(text)
        return str(tmp_path / "requests.trace")

    return write


def test_the_table_tells_cycles_causes_commands_and_energy(bankside: Callable[..., Any], file: Any) -> None:
    outcome = bankside("trace", file(), "--device", "ddr4-2400")
    assert outcome.exit_code == 0
    for words in (
        "reads, writes",
        "133, 67",
        "bandwidth",
        "RD commands",
        "dram_data",
        "energy of the DRAM core",
    ):
        assert words in outcome.stdout


def test_json_holds_every_figure_with_its_unit(parsed: Callable[..., Any], file: Any) -> None:
    found = parsed("trace", file(), "--device", "ddr4-2400", "--refresh", "off", "--json", "-")
    assert found["device"] == "ddr4-2400"
    assert (found["form"], found["requests"], found["reads"]) == ("ramulator-loadstore", 200, 133)
    assert found["bytes"] == 200 * 64
    assert found["refresh"] is False and "REF" not in found["commands"]
    assert found["time_s"] == pytest.approx(found["cycles"] / found["clock_hz"])
    assert set(found["energy_j"]) == {"activate", "read", "write", "refresh", "background"}


def test_options_reach_the_controller(parsed: Callable[..., Any], file: Any) -> None:
    trace = file()
    usual = parsed("trace", trace, "--device", "ddr4-2400", "--json", "-")
    one = parsed("trace", trace, "--device", "ddr4-2400", "--max-outstanding", "1", "--json", "-")
    closed = parsed("trace", trace, "--device", "ddr4-2400", "--page", "closed", "--json", "-")
    slow = parsed("trace", trace, "--device", "ddr4-2400", "--set", "timings.tCCD_S=6", "--json", "-")
    rows = parsed("trace", trace, "--device", "ddr4-2400", "--address", "rochrababgco", "--json", "-")
    assert one["cycles"] > 2 * usual["cycles"]
    assert closed["commands"]["RDA"] and "RDA" not in usual["commands"]
    assert slow["cycles"] > usual["cycles"]
    assert rows["commands"]["ACT"] < usual["commands"]["ACT"]


def test_commands_are_written_as_dramsim3_does(
    bankside: Callable[..., Any], file: Any, tmp_path: Path
) -> None:
    outcome = bankside("trace", file(), "--device", "ddr4-2400", "--commands", str(tmp_path / "out.trace"))
    assert "cycles" in outcome.stdout
    lines = (tmp_path / "out.trace").read_text().splitlines()
    assert lines[0].split()[1] == "activate"
    assert sum(line.split()[1] == "read" for line in lines) <= 133
    assert all(len(line.split()) == 8 for line in lines)
    clocks = [float(line.split()[0]) for line in lines]
    assert clocks == sorted(clocks)
    alone = bankside("trace", file(), "--device", "ddr4-2400", "--commands", "-").stdout
    assert alone.splitlines() == lines


def test_bad_lines_are_told_all_at_once_and_nothing_is_written(
    refused: Any, file: Any, tmp_path: Path
) -> None:
    bad = file("LD 0x0\nLOAD 0x40\nLD sixty-four\n")
    target = str(tmp_path / "out.json")
    commands = str(tmp_path / "out.trace")
    told = refused("trace", bad, "--device", "ddr4-2400", "--json", target, "--commands", commands)
    assert told == [
        f"{bad}:2: the operation is one of LD, ST, not 'LOAD'.",
        f"{bad}:3: the address must be whole or begin with 0x and below 2^52, not 'sixty-four'.",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["requests.trace"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--device", "nonesuch"], "nonesuch"),
        (["--device", "hbf"], ": this is a flash device, which states its page; a DRAM is needed"),
        (["--device", "ddr4-2400", "--format", "vcd"], "--format is one of auto,"),
        (["--device", "ddr4-2400", "--refresh", "maybe"], "--refresh is on or off, not 'maybe'."),
        (["--device", "ddr4-2400", "--scheduler", "lottery"], "scheduler must be one of frfcfs,"),
        (["--device", "ddr4-2400", "--page", "torn"], "page must be one of open, closed"),
        (["--device", "ddr4-2400", "--depth", "0"], "depth must be between 1"),
        (["--device", "ddr4-2400", "--max-outstanding", "-1"], "max_outstanding must be between 0"),
        (["--device", "ddr4-2400", "--address", "row,bank"], "the field"),
        (["--device", "ddr4-2400", "--json", "-", "--commands", "-"], "cannot both go to stdout"),
        (["--device", "ddr4-2400", "--set", "timings.tRAS=90"], "tRAS is 90 tCK and tRC is 56 tCK"),
        (["--device", "ddr4-2400", "--json", "/nonexistent/x.json"], "folder does not exist"),
    ],
)
def test_what_cannot_be_run_is_refused(refused: Any, file: Any, words: list[str], sentence: str) -> None:
    assert any(sentence in told for told in refused("trace", file(), *words))


def test_a_missing_trace_is_told(refused: Any, tmp_path: Path) -> None:
    assert "cannot be read" in refused("trace", str(tmp_path / "none"), "--device", "ddr4-2400")[0]


def test_a_result_is_plain_json(bankside: Callable[..., Any], file: Any, tmp_path: Path) -> None:
    bankside("trace", file(), "--device", "hbm3", "--json", str(tmp_path / "out.json"))
    found = json.loads((tmp_path / "out.json").read_text())
    assert len(found["channels"]) == 8  # every second burst of 32 B
    assert sum(channel["requests"] for channel in found["channels"].values()) == 200
