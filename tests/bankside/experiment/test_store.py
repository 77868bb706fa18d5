import os
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.spec import ConfigError
from bankside.experiment import store as store_module
from bankside.experiment.store import Store, csv_line

HEADER = ["key", "machine", "m", "status", "fault"]
POINTS = {f"k{index}": {"machine": "aim", "m": str(index)} for index in range(6)}
AXES = {"machine": ["aim"], "m": [str(index) for index in range(6)]}


def row(key: str) -> dict[str, str]:
    return {**POINTS[key], "status": "ok", "fault": f'a "quoted", two-lined\nsentence of {key} in µs'}


def fill(path: Path, keys: list[str]) -> None:
    """Add the rows of `keys`, whatever is there already, without finishing."""
    with Store(path, HEADER, AXES) as store:
        for key in keys:
            if key not in store.rows:
                store.add(key, row(key))


def finished(path: Path) -> bytes:
    """Finish the store as a sweep does, and return its bytes."""
    with Store(path, HEADER, AXES) as store:
        for key in POINTS:
            if key not in store.rows:
                store.add(key, row(key))
        store.finish(POINTS)
    return path.read_bytes()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return finished(tmp_path_factory.mktemp("store") / "s.csv")


def test_a_row_is_one_line_and_the_order_is_that_of_the_points(undisturbed: bytes) -> None:
    lines = undisturbed.decode().splitlines()
    assert lines[0] == "key,machine,m,status,fault"
    assert lines[1] == 'k0,aim,0,ok,"a ""quoted"", two-lined sentence of k0 in µs"'
    assert [line.split(",")[0] for line in lines[1:]] == list(POINTS)


@settings(max_examples=30)
@given(order=st.permutations(list(POINTS)), cut=st.integers(0, 500), seed=st.integers(0, 3))
def test_s4_killed_at_any_byte_it_ends_with_the_same_bytes(
    undisturbed: bytes, tmp_path_factory: pytest.TempPathFactory, order: list[str], cut: int, seed: int
) -> None:
    path = tmp_path_factory.mktemp("store") / "s.csv"
    fill(path, order[: 2 * seed])
    path.write_bytes(path.read_bytes()[:cut])  # killed in the middle of a write
    fill(path, order[2 * seed :][:1])
    assert finished(path) == undisturbed


def test_s4_no_finished_point_is_repeated(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    fill(path, ["k3", "k1"])
    with Store(path, HEADER, AXES) as store:
        assert list(store.rows) == ["k3", "k1"]
        assert store.count("status", "ok") == 2


def test_a_count_is_of_the_rows_that_stay(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    older = ["older", "aim", "0", "ok", "of an older model"]
    path.write_text(csv_line(HEADER) + csv_line(older))
    finished(path)
    with Store(path, HEADER, AXES) as store:
        store.finish(list(POINTS)[:2])
        assert store.count("status", "ok") == 2
        assert store.count("machine", "hbm") == 0


def test_a_finished_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    finished(path)
    before = path.stat().st_ino
    finished(path)
    assert path.stat().st_ino == before


def test_damaged_rows_are_dropped(undisturbed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    finished(path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b"\x00\xff\xfe rubbish\n"
    lines[4] = b"k3,aim\n"
    lines[5] = b"k4," + b"x" * 200_000 + b"\n"
    path.write_bytes(b"".join(lines))
    with Store(path, HEADER, AXES) as store:
        assert "k1" not in store.rows
        assert "k3" not in store.rows
        assert "k4" not in store.rows
    assert finished(path) == undisturbed


@pytest.mark.parametrize("rows", [0, 3, 6])
def test_a_store_that_a_spreadsheet_saved_is_taken_up(undisturbed: bytes, tmp_path: Path, rows: int) -> None:
    path = tmp_path / "s.csv"
    saved = b"\xef\xbb\xbf" + undisturbed.replace(b"\n", b"\r\n")
    path.write_bytes(b"".join(saved.splitlines(keepends=True)[: rows + 1]))
    with Store(path, HEADER, AXES) as store:
        assert list(store.rows) == list(POINTS)[:rows]
    assert finished(path) == undisturbed


def test_rows_of_older_code_are_simulated_again(undisturbed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(csv_line(HEADER) + csv_line(["older", "aim", "0", "ok", "of an older model"]))
    assert finished(path) == undisturbed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("my,precious,data\n1,2,3\n", "its columns are not those"),
        ("x" * 200_000 + "\n", ":1: its columns are not those"),
        ("half a novel without a line break", "not the store of a sweep"),
        (csv_line(HEADER) + csv_line(["older", "aim", "99", "ok", ""]), "holds 1 rows of points"),
    ],
)
def test_what_is_not_this_store_is_refused_and_kept(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        finished(path)
    assert path.read_text() == text


def test_a_device_is_no_store() -> None:
    with pytest.raises(ConfigError) as caught:
        finished(Path(os.devnull))
    assert caught.value.errors == [f"{os.devnull}: a store is an ordinary file, which this is not."]


def test_two_sweeps_cannot_write_one_store(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    with Store(path, HEADER, AXES), pytest.raises(ConfigError, match="another sweep is writing"):
        finished(path)


def test_a_store_that_was_replaced_before_it_was_locked_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another sweep ends between the opening and the lock: what is locked is no longer what the name leads to."""
    path, other = tmp_path / "s.csv", tmp_path / "other.csv"
    fill(path, ["k0"])
    finished(other)
    lock, locked = store_module._lock, list[BinaryIO]()

    def late(file: BinaryIO, where: Path) -> None:
        if not locked:
            other.replace(path)
        locked.append(file)
        lock(file, where)

    monkeypatch.setattr(store_module, "_lock", late)
    with Store(path, HEADER, AXES) as store:
        assert list(store.rows) == list(POINTS)
    assert len(locked) == 2
    assert locked[0].closed


def test_what_a_killed_replacement_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    others = [tmp_path / name for name in (".s.csv.tmp", ".s.csv.1.77.tmp", ".s.csv.x.tmp", "s.csv.7.tmp")]
    for each in [*others, tmp_path / f".s.csv.{os.getpid()}.tmp", tmp_path / ".s.csv.1.tmp"]:
        each.touch()
    finished(path)
    assert sorted(tmp_path.iterdir()) == sorted([path, *others])


def test_rows_reach_the_disk_several_times_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced, now_s = [], [100.0]
    monkeypatch.setattr(store_module, "monotonic", lambda: now_s[0])
    monkeypatch.setattr(store_module.os, "fsync", lambda file: synced.append(now_s[0]))
    with Store(tmp_path / "s.csv", HEADER, AXES) as store:
        for key in POINTS:
            now_s[0] += 0.2
            store.add(key, row(key))
        store.finish(POINTS)
    assert synced == pytest.approx([100.0, 100.4, 100.8, 101.2, 101.2])
