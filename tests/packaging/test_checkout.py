"""A checkout imports under one name only, with and without link support."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("arch", "kernels", "validation")


def run(code: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, cwd="/"
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_bare_name_is_refused_with_the_right_one(folder: str) -> None:
    done = run(f"import {folder}", ROOT)
    assert done.returncode == 1
    assert f"bankside.{folder}" in done.stderr.splitlines()[-1]


def test_the_links_are_relative() -> None:
    for folder in (*FOLDERS, "configs"):
        link = ROOT / "src" / "bankside" / folder
        assert not link.is_symlink() or str(link.readlink()) == f"../../{folder}"


def test_a_checkout_without_links_is_importable(tmp_path: Path) -> None:
    (tmp_path / "src" / "bankside").mkdir(parents=True)
    shutil.copy(ROOT / "src" / "bankside" / "__init__.py", tmp_path / "src" / "bankside")
    for folder in ("arch", "configs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    code = "from bankside.arch import spec; print(spec.__file__, len(spec.names('models')))"
    done = run(code, tmp_path / "src")
    place, models = done.stdout.split()
    assert place == str(tmp_path / "arch" / "spec" / "__init__.py") and int(models) >= 9


@pytest.mark.parametrize(("folder", "allowed"), [("arch", {"arch"}), ("kernels", {"arch", "kernels"})])
def test_imports_go_one_way(folder: str, allowed: set[str]) -> None:
    """What the import-linter contract says, for modules it has not been told of too."""
    wrong = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        for statement in ast.walk(ast.parse(path.read_text())):
            if isinstance(statement, ast.Import):
                modules = [alias.name for alias in statement.names]
            elif isinstance(statement, ast.ImportFrom):
                assert statement.level == 0, f"{path}: imports are absolute"
                module = statement.module or ""
                modules = (
                    [f"{module}.{alias.name}" for alias in statement.names]
                    if module == "bankside"
                    else [module]
                )
            else:
                continue
            own = [module.split(".")[1] for module in modules if module.startswith("bankside.")]
            wrong += [
                f"{path}:{statement.lineno} {part}" for part in own if part not in allowed | {"__version__"}
            ]
    assert wrong == []


def test_only_one_module_asks_numba_to_compile() -> None:
    wrong = [
        str(path)
        for folder in (*FOLDERS, "src/bankside")
        for path in (ROOT / folder).rglob("*.py")
        if "njit" in path.read_text() and path != ROOT / "arch" / "jit" / "compiled.py"
        if not path.is_relative_to(ROOT / "src" / "bankside" / "arch")
    ]
    assert wrong == []
