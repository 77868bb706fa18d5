"""Keys of rows: everything that a point reads changes its key, and what says nothing does not."""

import builtins
import io
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bankside.arch.jit import cache_home
from bankside.arch.spec import ConfigError, compose, from_dict, library, loading
from bankside.arch.technology import packaging, process
from bankside.experiment import sweep
from bankside.experiment.grid_points import Point, Settings, Workshop
from bankside.experiment.sweep import SweepSpec, Swept, Task, key_of, load_sweep, outcome, run_sweep
from bankside.report import measures

MACHINE = """
extends: ./base.yaml
cores: {pe: {clock: 2 GHz}}
memories: {hbm: {device: ./device.yaml}}
"""
READ = {  # each file that the point reads, by a change of a value in it
    "machine.yaml": ("2 GHz", "1.5 GHz"),
    "base.yaml": ("hop: 4", "hop: 5"),
    "device.yaml": ("tCCD_L: 4", "tCCD_L: 5"),
    "configs/devices/hybrid-vault.yaml": ("tRP: 14", "tRP: 15"),
    "configs/technology/n7.yaml": ("value: 1.69 pJ", "value: 1.7 pJ"),
    "configs/technology/dram-1z.yaml": ("value: 5.32 pJ", "value: 5.4 pJ"),
    "configs/technology/packaging.yaml": ("value: 1.2e4 W", "value: 1.3e4 W"),
    "model/config.json": ('"hidden_size": 4096', '"hidden_size": 8192'),
}


def forget() -> None:
    """What a new process would not know."""
    process.load_process.cache_clear()
    packaging.load_packaging.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of all that ships, and a machine of the user's with its own base and device, and a model."""
    shipped = tmp_path / "configs"
    shutil.copytree(library.CONFIGS, shipped)
    for module in (library, loading, compose):
        monkeypatch.setattr(module, "CONFIGS", shipped)
    (tmp_path / "machine.yaml").write_text(MACHINE)
    shutil.copy(shipped / "machines/hybrid-3d.yaml", tmp_path / "base.yaml")
    (tmp_path / "device.yaml").write_text("extends: hybrid-vault\ntimings: {tCCD_L: 4}\n")
    (tmp_path / "model").mkdir()
    shutil.copy(shipped / "models/llama-3-8b.json", tmp_path / "model/config.json")
    forget()
    yield tmp_path
    forget()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Every file that is opened from here on, aside from code, compiled code, installed packages and what the system
    says."""
    files: set[Path] = set()
    real = io.open
    others = (cache_home(), sys.prefix, sys.base_prefix, "/proc", "/sys")

    def told(file: Any, *rest: Any, **named: Any) -> Any:
        if isinstance(file, str | Path) and Path(file).suffix not in (".py", ".pyc"):
            files.update({Path(file)} if not any(map(Path(file).is_relative_to, others)) else ())
        return real(file, *rest, **named)

    monkeypatch.setattr(io, "open", told)
    monkeypatch.setattr(builtins, "open", told)
    return files


def point(folder: Path) -> Point:
    options = (("model", str(folder / "model")), ("context", 64))
    return Point("decode-attention", options, str(folder / "machine.yaml"))


def key(point: Point) -> str:
    """The key that a new process would give."""
    forget()
    return key_of(point, Workshop())


def test_these_files_are_all_that_a_run_reads(folder: Path, opened: set[Path]) -> None:
    Workshop().run(point(folder))
    assert opened == {folder / name for name in READ}


@pytest.mark.parametrize("name", READ)
def test_a_value_changed_in_any_file_that_is_read_gives_another_key(folder: Path, name: str) -> None:
    before = key(point(folder))
    text = (folder / name).read_text()
    old, new = READ[name]
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    forget()
    Workshop().content(point(folder))  # it can still be read
    assert key(point(folder)) != before
    (folder / name).write_text(text)
    assert key(point(folder)) == before


@pytest.mark.parametrize("name", READ)
def test_a_file_that_is_missing_gives_another_key_until_it_is_there(folder: Path, name: str) -> None:
    before = key(point(folder))
    (folder / name).rename(folder / "away")
    forget()
    with pytest.raises(ConfigError):
        Workshop().content(point(folder))
    assert key(point(folder)) != before
    assert key(point(folder)) == key(point(folder))  # it is not run again for nothing
    (folder / "away").rename(folder / name)
    assert key(point(folder)) == before


@pytest.mark.parametrize("name", [name for name in READ if name.endswith(".yaml")])
def test_what_says_nothing_changes_no_key(folder: Path, name: str) -> None:
    before = key(point(folder))
    (folder / name).write_text("# a comment\n" + (folder / name).read_text())
    assert key(point(folder)) == before


def test_what_a_point_is_told_is_in_its_key(folder: Path) -> None:
    pins = folder / "pins.yaml"
    pins.write_text("operators: [{operator: attn, order: nk}]")
    plain = point(folder)
    changes: list[dict[str, Any]] = [
        {"settings": settings}
        for settings in (
            Settings(stacks=2),
            Settings(fold=False),
            Settings(duty=0.5),
            Settings(mapping=str(pins)),
        )
    ]
    changes += [{"overrides": ("cores.pe.per=2",)}, {"options": (*plain.options, ("batch", 2))}]
    keys = [key(plain), *(key(replace(plain, **change)) for change in changes)]
    pins.write_text("operators: [{operator: attn, order: kn}]")
    pinned = replace(plain, settings=Settings(mapping=str(pins)))
    Workshop().content(pinned)  # it can be read
    keys.append(key(pinned))
    assert len(set(keys)) == len(keys)


def test_the_code_of_the_rows_is_in_the_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(point(folder))
    other = folder / "rows.py"
    other.write_text("# other figures")
    for module in (sweep.rows, measures):
        monkeypatch.setattr(module, "__file__", str(other))
        sweep._code.cache_clear()
        assert key(point(folder)) != before
        monkeypatch.undo()
        sweep._code.cache_clear()


def test_a_file_that_changes_between_key_and_run_ends_the_sweep(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker reads the files for itself, later."""
    task = Task(point(folder), key(point(folder)))
    (folder / "machine.yaml").write_text(MACHINE.replace("2 GHz", "3 GHz"))
    monkeypatch.setattr(sweep, "_WORKSHOP", Workshop())
    with pytest.raises(
        ConfigError, match=r"machine\.yaml or the kernel reads changed; start the sweep again\."
    ):
        outcome(task)


def test_a_fault_is_run_again_when_its_missing_file_has_appeared(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"kernel: gemv\noptions: {{m: 64, k: 64}}\nmachines: [hybrid-3d, {folder}/later.yaml]\n"
    (folder / "sweep.yaml").write_text(text)
    store = folder / "s.csv"

    def swept() -> Swept:
        monkeypatch.setattr(sweep, "_WORKSHOP", Workshop())
        return run_sweep(load_sweep(str(folder / "sweep.yaml")), store)

    assert swept() == Swept(2, 2, 1)
    assert "later.yaml: there is no such file." in store.read_text()
    assert swept() == Swept(2, 0, 1)
    shutil.copy(folder / "base.yaml", folder / "later.yaml")
    assert swept() == Swept(2, 1, 0)
    assert "later.yaml: there is no such file." not in store.read_text()
    (folder / "later.yaml").write_text(MACHINE.replace("2 GHz", "500 MHz"))
    assert swept() == Swept(2, 1, 0)
    assert swept() == Swept(2, 0, 0)


def test_too_many_points_are_refused_by_their_number() -> None:
    values = list(range(1, 1001))
    options = {"m": values, "k": values, "batch": values}
    sweep_of = {"kernel": "gemv", "machines": ["aim"]}
    with pytest.raises(ConfigError) as caught:
        from_dict({**sweep_of, "options": options}, SweepSpec)
    assert caught.value.errors == [
        "<dict>: options.m: the sweep has 1,000,000,000 points; at most 1,000,000 fit into one store."
    ]
    largest = from_dict({**sweep_of, "options": {"m": values, "k": values}}, SweepSpec).spec
    assert largest.count() == 1_000_000
    assert next(largest.points()).options == (("m", 1), ("k", 1))


def test_a_long_sweep_without_a_sound_point_in_sight_is_begun() -> None:
    """All its points are looked at only as they are run."""
    built = []

    class Unsound(Workshop):
        def content(self, point: Point) -> tuple[str, str, str]:
            built.append(point)
            raise ConfigError("it is not sound.")

    points = [Point("gemv", (("m", m),), "aim") for m in range(sweep.FIRST_LOOK + 1)]
    sweep.refuse_unsound(points, Unsound())
    assert len(built) == sweep.FIRST_LOOK
    with pytest.raises(ConfigError, match=r"^it is not sound\.$"):
        sweep.refuse_unsound(points[1:], Unsound())
