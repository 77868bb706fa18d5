"""What a claim validates is what a kernel runs on: runs on shipped machines reach the models in arch/."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.reach.exceptions import EXCEPTIONS
from tests.reach.lines import functions
from tests.reach.report import ARCH, excepted


@pytest.mark.slow
def test_2_runs_execute_the_lines_of_the_models() -> None:
    root = Path(__file__).parents[2]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.reach.report"],
        cwd=root, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_exceptions_are_functions_that_there_are_and_have_a_reason() -> None:
    known = [
        f"{path.relative_to(ARCH)}::{name}" for path in ARCH.rglob("*.py") for name, _ in functions(path)
    ]
    for prefix, reason in EXCEPTIONS.items():
        assert any(function.startswith(prefix) for function in known), prefix
        assert len(reason.split()) > 3, prefix
    assert not excepted("engine/execute.py::execute")
