"""Python under -O drops every `assert` of the package: no result and no refusal may rest on one."""

import os
import subprocess
import sys
from typing import NamedTuple

import pytest

FOR_EVER = (
    *("run", "decode-step", "--model", "llama-3-8b", "--context", "1024", "--machine", "hybrid-3d"),
    *("--stacks", "128", "--set", "path.host.network.topology=ring"),
    *("--set", "path.host.network.link.latency=1 s"),
)
IN_THE_BANKS = ("run", "gemv", "--m", "64", "--k", "64", "--json", "-", "--machine", "hbm-pim")


class Ended(NamedTuple):
    code: int
    stdout: str
    stderr: str


def ended(words: tuple[str, ...], optimise: str) -> Ended:
    """How a command ends."""
    done = subprocess.run(
        [sys.executable, "-m", "bankside", *words],
        env={**os.environ, "PYTHONOPTIMIZE": optimise},
        capture_output=True,
        text=True,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def test_a_result_is_the_same_without_asserts() -> None:
    plain = ended(IN_THE_BANKS, "")
    assert (plain.code, plain.stderr) == (0, "")
    assert ended(IN_THE_BANKS, "1") == plain


@pytest.mark.parametrize("optimise", ["", "1"])
def test_a_time_that_no_counter_holds_is_refused_with_a_sentence(optimise: str) -> None:
    code, stdout, stderr = ended(FOR_EVER, optimise)
    assert (code, stdout) == (2, "")
    assert stderr.endswith(".\n")
    assert "defect" not in stderr and "Traceback" not in stderr
