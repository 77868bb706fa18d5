"""The installed package works from any folder, beside whatever else is installed."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interpreter of an environment that holds the wheel; its dependencies are lent by the one under test."""
    home = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True, timeout=120)
    (site,) = home.glob("lib/python3.*/site-packages")
    # a folder named in a .pth file is searched last, and its own .pth files (editable installs) are not read
    (site / "lent.pth").write_text(f"{Path(numpy.__file__).parents[1]}\n")
    return python


@pytest.fixture
def run(python: Path, tmp_path: Path) -> Callable[..., str]:
    """Run a command of the environment in an empty folder."""

    def run(*command: str) -> str:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        environment["BANKSIDE_CACHE"] = str(tmp_path / "cache")
        folder = tmp_path / "elsewhere"
        folder.mkdir(exist_ok=True)
        program = python.parent / command[0]
        done = subprocess.run(
            [str(program), *command[1:]],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        assert list(folder.iterdir()) == []
        return done.stdout

    return run


def test_the_wheel_is_what_is_imported(run: Callable[..., str], python: Path) -> None:
    out = run("python", "-c", "import bankside.arch.spec as s; print(s.__file__); print(*s.names('models'))")
    place, names = out.splitlines()
    assert Path(place).is_relative_to(python.parents[1])
    assert "llama-3-8b" in names.split()


def test_s9_no_name_beside_ours_is_taken(python: Path) -> None:
    (site,) = python.parents[1].glob("lib/python3.*/site-packages")
    names = {path.name.split("-")[0] for path in site.iterdir() if path.suffix != ".pth"}
    assert names <= {"bankside", "pip", "setuptools", "_distutils_hack", "__pycache__"}


def test_the_command_runs_from_another_folder(run: Callable[..., str]) -> None:
    machines = run("bankside", "list", "machines")
    assert "hybrid-3d" in machines
    job = ("run", "gemv", "--m", "256", "--k", "256", "--machine", "hybrid-3d", "--json", "-")
    result = json.loads(run("bankside", *job))
    result = result[0] if isinstance(result, list) else result
    assert sum(result["cycle_stack"].values()) == result["cycles"]["count"] > 0
    assert run("python", "-m", "bankside", "list", "machines") == machines
