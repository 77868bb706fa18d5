"""A real sweep, killed without warning; the first run compiles, so these are slow."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SWEEP = """
kernel: gemv
options: {m: [256, 512], k: [256, 512], batch: [1, 2, 4]}
machines: [attacc-bank, base-die, xpu-h100]
"""


def command(folder: Path, store: str, workers: int) -> list[str]:
    words = ["sweep", str(folder / "sweep.yaml"), "--store", str(folder / store), "--workers", str(workers)]
    return [sys.executable, "-m", "bankside", *words]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_s4_killed_at_once_and_started_again_it_ends_with_the_same_bytes(
    tmp_path: Path, workers: int
) -> None:
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    subprocess.run(command(tmp_path, "whole.csv", 1), check=True, capture_output=True)
    broken = tmp_path / "broken.csv"
    finished_lines = 1
    for wanted_lines in (6, 20):
        running = subprocess.Popen(command(tmp_path, "broken.csv", workers), start_new_session=True)
        while running.poll() is None and (
            not broken.exists() or broken.read_bytes().count(b"\n") < wanted_lines
        ):
            time.sleep(0.002)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        lines = broken.read_bytes().count(b"\n")
        assert lines >= finished_lines  # nothing that was finished is lost
        finished_lines = lines
    assert finished_lines < 37
    done = subprocess.run(
        command(tmp_path, "broken.csv", workers), check=True, capture_output=True, text=True
    )
    assert f"{37 - finished_lines} of them simulated now" in done.stdout
    assert broken.read_bytes() == (tmp_path / "whole.csv").read_bytes()
