import runpy
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bankside.arch.jit import locks
from bankside.arch.jit.locks import WAIT_S, Locks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no locks on parts of files")
HOLDER = f"""\
import runpy, sys
from pathlib import Path
locks = runpy.run_path({locks.__file__!r})["Locks"](Path(sys.argv[1]))
print(locks.acquire("a"), flush=True)
sys.stdin.readline()
locks.release("a")
print("released", flush=True)
sys.stdin.readline()
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds "a" until it reads a line."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


def test_one_process_holds_a_name_and_others_are_free(tmp_path: Path) -> None:
    ours = Locks(tmp_path / "lock")
    with holder(tmp_path / "lock") as process:
        assert not ours.acquire("a", wait_s=0.05)
        assert ours.acquire("b", wait_s=0.05)
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "released\n"
        assert ours.acquire("a", wait_s=0.0)
        assert ours.acquire("a", wait_s=0.0)  # what is held may be taken again


def test_s3_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    ours = Locks(tmp_path / "lock")
    with holder(tmp_path / "lock") as process:
        assert not ours.acquire("a", wait_s=0.0)
        process.kill()
        start_s = time.monotonic()
        assert ours.acquire("a", wait_s=30.0)
        assert time.monotonic() - start_s < 10.0


def test_a_holder_that_makes_files_is_waited_for_longer(tmp_path: Path) -> None:
    ours = Locks(tmp_path / "lock")
    with holder(tmp_path / "lock") as process:
        assert process.stdin is not None

        def work() -> None:
            for number in range(8):
                time.sleep(0.25)
                (tmp_path / f"{number}.code").touch()
            process.stdin.write("\n")
            process.stdin.flush()

        worker = threading.Thread(target=work)
        worker.start()
        assert ours.acquire("a", wait_s=1.0)
        worker.join()
        assert (tmp_path / "7.code").exists()


def test_where_nothing_can_be_locked_nobody_waits(tmp_path: Path) -> None:
    nowhere = Locks(tmp_path / "missing" / "lock")
    start_s = time.monotonic()
    assert not nowhere.acquire("a")
    nowhere.release("a")
    assert time.monotonic() - start_s < WAIT_S / 2


def test_the_module_stands_alone() -> None:
    """The holder above runs it without the package."""
    assert "Locks" in runpy.run_path(locks.__file__)
