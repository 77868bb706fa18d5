"""A package of kernels in files of their own that compiles through a copy of our own arch/jit."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.arch.jit.nursery import Nursery

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
print(caller(5), caller.loaded)
"""


class Mini:
    """The package `mini` below `folder`, its cache beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.arch = folder / "mini" / "arch"
        (folder / "mini" / "kernels").mkdir(parents=True)
        (self.arch / "jit").mkdir(parents=True)
        for source in Path(jit.__file__).parent.glob("*.py"):
            text = source.read_text(encoding="utf-8").replace("from bankside.", "from mini.")
            (self.arch / "jit" / source.name).write_text(text, encoding="utf-8")
        (self.arch / "caller.py").write_text(CALLER)
        self.callee(body="x * CONSTANT", constant=7)

    def callee(self, body: str, constant: int) -> None:
        (self.arch / "callee.py").write_text(CALLEE.format(body=body, constant=constant))

    def files(self) -> list[Path]:
        """The files of compiled code."""
        return sorted(self.cache.rglob("*.code"))

    def start(self, program: str = RUN, options: Any = None, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", program],
            env=self._environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **(options or {}),
        )

    def run(self, program: str = RUN, options: Any = None, **environment: str) -> tuple[int, int]:
        """The answer of the caller, and how many compiled functions came from the cache, in a process of its own."""
        process = self.start(program, options, **environment)
        out, err = process.communicate(timeout=600)
        return _told(process.returncode, out, err)

    def fork(self, program: str = RUN) -> tuple[int, int]:
        """As `run`, for programs that it does not matter to whether numba has been imported."""
        return _told(*Nursery.open().run(program, self._environment({}), self.folder))

    def _environment(self, own: dict[str, str]) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA")}
        folders = {"PYTHONPATH": str(self.folder), "BANKSIDE_CACHE": str(self.cache)}
        return inherited | folders | {"PYTHONDONTWRITEBYTECODE": "1"} | own


def _told(status: int, out: str, err: str) -> tuple[int, int]:
    assert (status, err) == (0, "")
    answer, hits = out.split()
    return int(answer), int(hits)
