"""Real sweeps, killed without warning a hundred times; whole processes that compile, so these are slow."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SWEEP = """
kernel: gemv
options: {m: [256, 512], k: [256, 512], batch: [1, 2, 4]}
machines: [attacc-bank, base-die, xpu-h100]
"""
POINTS = 36


class Folder:
    """A folder with one sweep, how it ends when it is left alone, and the ways to start and to kill it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "sweep.yaml").write_text(SWEEP)
        self.environment = dict(os.environ)
        for store in ("whole.csv", "again.csv"):
            start = time.monotonic()
            assert self.start(store).communicate()[1] == ""
            self.takes_s = time.monotonic() - start  # the second time, when all is compiled
        self.whole = (path / "whole.csv").read_bytes()
        assert (path / "again.csv").read_bytes() == self.whole
        assert self.whole.count(b"\n") == 1 + POINTS

    def start(self, store: str, workers: int = 1) -> subprocess.Popen[str]:
        """The sweep as a process group of its own."""
        words = ["sweep", str(self.path / "sweep.yaml"), "--store", str(self.path / store)]
        return subprocess.Popen(
            [sys.executable, "-m", "bankside", *words, "--workers", str(workers)],
            start_new_session=True,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rows(self, store: str) -> set[bytes]:
        """Finished rows of a store, each of which must be one of the undisturbed sweep's."""
        path = self.path / store
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        assert set(lines) <= set(self.whole.split(b"\n"))
        return set(lines[1:])

    def killed_until_done(self, store: str, kills: int, most_s: float, seed: int) -> None:
        """Kill the sweep at random moments and start it again; a finished one is begun afresh, until all kills
        are spent."""
        moments = random.Random(seed)
        finished: set[bytes] = set()
        while kills:
            workers = moments.choice((1, 2))
            running = self.start(store, workers)
            try:
                _, said = running.communicate(timeout=moments.uniform(0, most_s))
                assert (running.returncode, said) == (0, "")
            except subprocess.TimeoutExpired:
                # the parent alone, whose workers must end by themselves, or all at once
                (os.kill if moments.random() < 0.5 else os.killpg)(running.pid, signal.SIGKILL)
                running.communicate()
                kills -= 1
            now = self.rows(store)
            assert now >= finished  # nothing that was finished is lost
            finished = now
            if running.returncode == 0:
                assert (self.path / store).read_bytes() == self.whole
                (self.path / store).unlink()
                finished = set()
        told, said = self.start(store).communicate()
        assert f"{POINTS - len(finished)} of them simulated now" in told, said
        assert (self.path / store).read_bytes() == self.whole
        assert not list(self.path.glob(f".{store}.*.tmp"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("killed"))


def test_s4_killed_eighty_times_a_sweep_ends_with_the_same_bytes(folder: Folder) -> None:
    folder.killed_until_done("broken.csv", kills=80, most_s=1.2 * folder.takes_s, seed=1)


def test_s4_killed_twenty_times_while_it_compiles_a_sweep_ends_with_the_same_bytes(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What half-written compiled code is left is taken for nothing else."""
    monkeypatch.setitem(folder.environment, "BANKSIDE_CACHE", str(tmp_path / "compiled"))
    folder.killed_until_done("cold.csv", kills=20, most_s=20.0, seed=2)


def test_s4_two_sweeps_on_one_store_leave_one_sweeps_rows(folder: Folder) -> None:
    """Each is started until it has ended well; the one that comes second is told so, and from then on one is killed at
    once, and others at random."""
    moments = random.Random(3)
    store, left, refused, kills = "shared.csv", 2, 0, 0
    running = [folder.start(store, workers=2) for _ in range(left)]
    while left:
        time.sleep(0.05)
        for at, each in enumerate(running):
            if each.returncode == 0:
                continue
            if each.poll() is None:
                if refused and kills < 20 and (kills == 0 or moments.random() < 0.05):
                    os.killpg(each.pid, signal.SIGKILL)
                    kills += 1
                continue
            _, said = each.communicate()
            if each.returncode == 0:
                left -= 1
                continue
            if each.returncode != -signal.SIGKILL:
                assert (each.returncode, said) == (
                    2,
                    f"{folder.path / store}: another sweep is writing this file.\n",
                )
                refused += 1
            running[at] = folder.start(store, workers=2)
    assert refused and kills
    assert (folder.path / store).read_bytes() == folder.whole
    assert not list(folder.path.glob(f".{store}.*.tmp"))
