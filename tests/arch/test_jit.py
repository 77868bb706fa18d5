import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bankside.arch import jit

CALLEE = """\
from mini.arch.jit import kernel

CONSTANT = {constant}


@kernel
def callee(x):
    return {body}
"""
CALLER = """\
from mini.arch.callee import callee
from mini.arch.jit import kernel


@kernel
def caller(x):
    return callee(x) + 1
"""
RUN = """\
from mini.arch.caller import caller
print(caller(5), sum(caller.stats.cache_hits.values()))
"""


class Mini:
    """A package of two kernels in two files that compiles through a copy of our own jit.py."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        arch = folder / "mini" / "arch"
        arch.mkdir(parents=True)
        (folder / "mini" / "kernels").mkdir()
        shutil.copy(jit.__file__, arch / "jit.py")
        (arch / "caller.py").write_text(CALLER)
        self.callee(body="x * CONSTANT", constant=7)

    def callee(self, body: str, constant: int) -> None:
        text = CALLEE.format(body=body, constant=constant)
        (self.folder / "mini" / "arch" / "callee.py").write_text(text)

    def start(self, **environment: str) -> subprocess.Popen[str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA")}
        own = {"PYTHONPATH": str(self.folder), "BANKSIDE_CACHE": str(self.folder / "cache"), **environment}
        command = [sys.executable, "-c", RUN]
        return subprocess.Popen(
            command, env=inherited | own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, **environment: str) -> tuple[int, int]:
        """The answer of the caller, and how many compiled functions came from the cache."""
        process = self.start(**environment)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        answer, hits = out.split()
        return int(answer), int(hits)


@pytest.fixture
def mini(tmp_path: Path) -> Mini:
    return Mini(tmp_path)


def test_s5_an_edited_callee_in_another_file_is_seen(mini: Mini) -> None:
    assert mini.run() == (36, 0)
    assert mini.run() == (36, 1)  # the second process starts warm
    mini.callee(body="x * CONSTANT", constant=8)
    assert mini.run() == (41, 0)
    mini.callee(body="x + CONSTANT", constant=8)
    assert mini.run() == (14, 0)
    mini.callee(body="x * CONSTANT", constant=7)
    assert mini.run() == (36, 1)  # back on a former branch: still warm


def test_bounds_checks_have_their_own_cache(mini: Mini) -> None:
    assert mini.run() == (36, 0)
    assert mini.run(NUMBA_BOUNDSCHECK="1") == (36, 0)
    assert mini.run(NUMBA_BOUNDSCHECK="1") == (36, 1)


@pytest.mark.slow
def test_processes_that_start_together_all_get_the_answer(mini: Mini) -> None:
    processes = [mini.start() for _ in range(4)]
    results = [process.communicate(timeout=120) for process in processes]
    assert [out.split()[:1] for out, _ in results] == [["36"]] * 4, results
    assert mini.run() == (36, 1)


def test_the_digest_sees_every_source_and_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "arch"
    (root / "deep").mkdir(parents=True)
    (root / "a.py").write_text("a = 1\n")
    (root / "deep" / "b.py").write_text("b = 1\n")
    seen = [jit.source_digest([root])]
    (root / "deep" / "b.py").write_text("b = 2\n")
    seen.append(jit.source_digest([root]))
    (root / "deep" / "b.py").rename(root / "deep" / "c.py")
    seen.append(jit.source_digest([root]))
    (root / "a.py").write_text("")
    seen.append(jit.source_digest([root]))
    assert len(set(seen)) == 4 and all(jit.DIGEST.fullmatch(one) for one in seen)
    (root / "data.yaml").write_text("a: 1")
    assert jit.source_digest([root]) == seen[-1]
    shutil.copytree(root, tmp_path / "elsewhere" / "arch")
    assert jit.source_digest([tmp_path / "elsewhere" / "arch"]) == seen[-1]


def test_the_digest_costs_milliseconds() -> None:
    spent = []
    for _ in range(5):
        start = time.perf_counter()
        jit.source_digest()
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.025


def test_the_cache_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path / "new" / "cache"))
    folder = jit.cache_folder([])
    assert folder == tmp_path / "new" / "cache" / jit.source_digest([])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    assert jit.cache_folder([]) == folder and stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_users_own_folder_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path))
    jit.cache_folder([])
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_folder_that_cannot_be_ours_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path))
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / jit.source_digest([])).symlink_to(target)
    other = jit.cache_folder([])
    assert other.parent != tmp_path and stat.S_IMODE(other.stat().st_mode) == 0o700
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    assert jit.cache_folder([]).is_dir()


def test_only_old_caches_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path))
    old = [tmp_path / f"{n:020x}" for n in range(8)]
    for age, folder in enumerate(old):
        folder.mkdir()
        (folder / "code").write_text("x")
        os.utime(folder, (time.time() - 7 * 86400 - age,) * 2)
    running, foreign = tmp_path / ("a" * 20), tmp_path / "foreign"
    running.mkdir()
    foreign.mkdir()
    os.utime(foreign, (0, 0))
    current = jit.cache_folder([])
    # the current one, the one still in use and the two used last before it are kept
    assert set(tmp_path.iterdir()) == {current, running, foreign, *old[:2]}


def test_the_home_of_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BANKSIDE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert jit.cache_home() == Path("/x/bankside/compiled")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert jit.cache_home() == Path.home() / ".cache" / "bankside" / "compiled"
