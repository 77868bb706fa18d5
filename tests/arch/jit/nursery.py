"""A process that has imported numba, and is forked for each program: numba takes a second to start, a fork a tenth.

Nothing has been compiled in it, so that programs find numba as it is in a process of their own. It keeps no byte code:
that of a source is known by its size and the second of its change, and tests edit faster.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

SERVER = """\
import json, os, sys, traceback
from importlib import import_module
import numba

def forked(work):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def compiled():
    os.dup2(end, 1)
    numba.njit(lambda x: x + 1)(1)
    print(*[name for name in sys.modules if name.startswith("numba.")])

start, end = os.pipe()
forked(compiled)
os.close(end)
with os.fdopen(start) as names:
    for name in names.read().split():
        import_module(name)

def run():
    for number, name in enumerate(told["files"], 1):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.clear()
    os.environ.update(told["environment"])
    sys.path.insert(1, told["environment"]["PYTHONPATH"])
    exec(told["program"], {"__name__": "__main__"})

for line in sys.stdin:
    told = json.loads(line)
    print(forked(run), flush=True)
"""


class Nursery:
    """The process, as long as this one lives."""

    def __init__(self) -> None:
        own = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA")}
        self._server = subprocess.Popen(
            [sys.executable, "-B", "-c", SERVER],
            env=own | {"OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @classmethod
    @cache
    def open(cls) -> "Nursery":
        """The one of this process."""
        return cls()

    def run(self, program: str, environment: dict[str, str], folder: Path) -> tuple[int, str, str]:
        """How the program ended, and what it printed, through files in `folder`."""
        files = [folder / "out.txt", folder / "err.txt"]
        told = {"program": program, "environment": environment, "files": [str(each) for each in files]}
        assert self._server.stdin is not None and self._server.stdout is not None
        print(json.dumps(told), file=self._server.stdin, flush=True)
        status = int(self._server.stdout.readline())
        out, err = (path.read_text(encoding="utf-8") for path in files)
        return status, out, err
