import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.experiment.grid_points import Point, Workshop

SWEEP = """
kernel: gemv
options: {m: [64, 128], k: 64, batch: [1, 2]}
machines: [aim, base-die, hybrid-3d]
"""


@pytest.fixture
def sweep(tmp_path: Path) -> Callable[[str], str]:
    """Write a sweep's YAML; returns its path."""

    def write(text: str = SWEEP) -> str:
        (tmp_path / "sweep.yaml").write_text(text)
        return str(tmp_path / "sweep.yaml")

    return write


@pytest.fixture(autouse=True)
def fresh_workshop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bankside.experiment.sweep._WORKSHOP", Workshop())


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_one_row_a_point_in_order(
    bankside: Callable[..., Any], sweep: Callable[..., str], tmp_path: Path
) -> None:
    store = tmp_path / "out.csv"
    outcome = bankside("sweep", sweep(), "--store", str(store))
    assert outcome.stdout == f"{store}: 12 points, 12 of them simulated now.\n"
    rows = rows_of(store)
    assert [(row["machine"], row["m"], row["batch"]) for row in rows] == [
        (machine, m, batch)
        for machine in ("aim", "base-die", "hybrid-3d")
        for m in ("64", "128")
        for batch in ("1", "2")
    ]
    assert rows[1]["time_fs"] == "40000000000"
    assert float(rows[0]["energy_mac_j"]) == 2e-6
    assert sum(int(rows[0][name]) for name in rows[0] if name.startswith("cycles_")) == int(rows[0]["cycles"])


def test_s4_killed_half_way_it_goes_on_and_ends_with_the_same_bytes(
    bankside: Callable[..., Any],
    sweep: Callable[..., str],
    tmp_path: Path,
    ran: list[Point],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
    bankside("sweep", sweep(), "--store", str(whole))
    ran.clear()
    run = Workshop.run

    def killed(self: Workshop, point: Point) -> dict[str, Any]:
        if len(ran) == 5:
            raise KeyboardInterrupt
        return run(self, point)

    monkeypatch.setattr(Workshop, "run", killed)
    interrupted = bankside("sweep", sweep(), "--store", str(broken))
    assert (interrupted.exit_code, interrupted.output) == (130, "")
    assert len(rows_of(broken)) == 5
    with broken.open("ab") as file:
        file.write(b"0123456789abcdef,gemv,torn in the mid")
    monkeypatch.setattr(Workshop, "run", run)
    outcome = bankside("sweep", sweep(), "--store", str(broken))
    assert outcome.stdout.endswith("12 points, 7 of them simulated now.\n")
    assert len(set(ran)) == len(ran) == 12
    assert broken.read_bytes() == whole.read_bytes()


def test_a_finished_sweep_simulates_nothing(
    bankside: Callable[..., Any], sweep: Callable[..., str], tmp_path: Path, ran: list[Point]
) -> None:
    store = tmp_path / "out.csv"
    bankside("sweep", sweep(), "--store", str(store))
    ran.clear()
    assert bankside("sweep", sweep(), "--store", str(store)).stdout.endswith("0 of them simulated now.\n")
    assert ran == []


def test_a_longer_axis_keeps_what_is_there(
    bankside: Callable[..., Any], sweep: Callable[..., str], tmp_path: Path, ran: list[Point]
) -> None:
    store, fresh = tmp_path / "out.csv", tmp_path / "fresh.csv"
    bankside("sweep", sweep(), "--store", str(store))
    ran.clear()
    longer = sweep(SWEEP.replace("[64, 128]", "[64, 96, 128]"))
    assert bankside("sweep", longer, "--store", str(store)).stdout.endswith("6 of them simulated now.\n")
    assert {dict(point.options)["m"] for point in ran} == {96}
    bankside("sweep", longer, "--store", str(fresh))
    assert store.read_bytes() == fresh.read_bytes()


def test_a_point_that_cannot_be_run_is_recorded_with_its_sentence(
    bankside: Callable[..., Any], sweep: Callable[..., str], tmp_path: Path
) -> None:
    store = tmp_path / "out.csv"
    outcome = bankside("sweep", sweep(SWEEP.replace("[64, 128]", "[64, 0, 666]")), "--store", str(store))
    assert outcome.exit_code == 0
    assert "12 points cannot be run" in outcome.stdout
    faults = [row["fault"] for row in rows_of(store) if row["status"] == "fault"]
    assert faults[0].startswith("Option m is 0")
    assert faults[2] == "gemv needs more than aim holds."
    assert all(row["time_s"] for row in rows_of(store) if row["status"] == "ok")


def test_values_of_the_machine_are_an_axis(
    bankside: Callable[..., Any], sweep: Callable[..., str], tmp_path: Path, ran: list[Point]
) -> None:
    text = SWEEP + "vary: {cores.pe.clock: [1 GHz, 2 GHz], cores.pe.per: [1, 2]}\nset: [place.kv=hbm]\n"
    store = tmp_path / "out.csv"
    assert bankside("sweep", sweep(text), "--store", str(store)).exit_code == 0
    assert len(rows_of(store)) == 48
    assert ran[4].overrides == ("place.kv=hbm", "cores.pe.clock=1 GHz", "cores.pe.per=2")
    assert rows_of(store)[4]["cores.pe.per"] == "2"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("kernel: gemv", "kernel: gemw"), ":2:1 kernel: there is no kernel 'gemw'; there are gemv, gemm,"),
        (("batch: [1, 2]", "bach: 1"), ":3:32 options.bach: kernel gemv has no such option; it has m, k,"),
        (("kernel: gemv", "kernel: gemv\nset: [place.kv]"), ":3:1 set: it is written PATH=VALUE."),
        (("machines: [aim, base-die, hybrid-3d]", "machines: []"), ":4:1 machines: the axis has no values."),
        (
            ("machines: [aim, base-die, hybrid-3d]", "machines: [aim, aim]"),
            ":4:1 machines: the axis names aim twice.",
        ),
        (("batch: [1, 2]", "batch: [1, 2, 1]"), ":3:32 options.batch: the axis names 1 twice."),
        (
            ("kernel: gemv", "vary: {cores.pe.per: [1, 2, '2']}\nkernel: gemv"),
            "vary.cores.pe.per: the axis names 2 twice.",
        ),
        (("batch: [1, 2]", "batch: []"), ":3:32 options.batch: the axis has no values."),
        (("kernel: gemv", "kernel: gemv\nduty: 2"), "duty"),
        (("kernel: gemv", "kernel: gemv\nworkers: 2"), "workers"),
        (("k: 64", "k: [64, [1]]"), "k"),
    ],
)
def test_a_bad_sweep_is_refused_and_writes_nothing(
    refused: Callable[..., list[str]],
    sweep: Callable[..., str],
    tmp_path: Path,
    change: tuple[str, str],
    said: str,
) -> None:
    sentences = refused("sweep", sweep(SWEEP.replace(*change)), "--store", str(tmp_path / "out.csv"))
    assert any(said in sentence for sentence in sentences)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("workers", ["0", "-1", "100000", "many"])
def test_a_number_of_workers(
    refused: Callable[..., list[str]], sweep: Callable[..., str], tmp_path: Path, workers: str
) -> None:
    (sentence,) = refused("sweep", sweep(), "--store", str(tmp_path / "out.csv"), "--workers", workers)
    assert "--workers" in sentence


def test_a_store_that_is_something_else_is_kept(
    refused: Callable[..., list[str]], sweep: Callable[..., str], tmp_path: Path
) -> None:
    store = tmp_path / "novel.csv"
    store.write_text("It was a dark night.\n")
    (sentence,) = refused("sweep", sweep(), "--store", str(store))
    assert "name another file" in sentence
    assert store.read_text() == "It was a dark night.\n"
    (sentence,) = refused("sweep", sweep(), "--store", str(tmp_path / "no" / "out.csv"))
    assert "folder does not exist" in sentence
