"""The program in a process of its own, so that a case may hang, die or eat memory and the others still run."""

import contextlib
import io
import multiprocessing
import os
import re
import resource
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

START_S = 300.0
"""A first case may compile."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (None: it hung and was killed), what it wrote, CPU seconds, peak memory
    [byte]."""

    code: int | None
    stdout: str
    stderr: str
    seconds: float
    peak_byte: int


def _serve(pipe: Connection, limit_byte: int) -> None:
    from bankside.cli.app import app

    resource.setrlimit(resource.RLIMIT_AS, (limit_byte, limit_byte))
    os.environ["COLUMNS"] = "200"
    while (words := pipe.recv()) is not None:
        out, err = io.StringIO(), io.StringIO()
        code, start = 0, time.process_time()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                app(words, prog_name="bankside")
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
            except BaseException as error:  # what the program did not turn into a sentence
                code = 3
                err.write(f"Traceback: {error!r}")
        spent_s = time.process_time() - start
        pipe.send(Ended(code, out.getvalue()[-4000:], err.getvalue()[-8000:], spent_s, _peak_byte()))


def _peak_byte() -> int:
    """Peak memory of this program [byte]; the system's own count goes on from that of the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0])
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Worker:
    """Runs commands one after the other; a process that hangs or dies is replaced."""

    def __init__(self, limit_byte: int = 8 << 30) -> None:
        self._limit_byte = limit_byte
        self._process: multiprocessing.process.BaseProcess | None = None

    def run(self, words: list[str], limit_s: float) -> Ended:
        """One command; `code` None when it took longer than `limit_s`."""
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self._limit_byte), daemon=True)
            self._process.start()
            theirs.close()
        self._pipe.send(words)
        try:
            if self._pipe.poll(limit_s):
                ended: Ended = self._pipe.recv()
                return ended
            lost = Ended(None, "", f"no answer in {limit_s:g} s", limit_s, 0)
        except (EOFError, ConnectionResetError):
            lost = Ended(4, "", f"the process died: {self._process.exitcode}", 0.0, 0)
        self.stop()
        return lost

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None
