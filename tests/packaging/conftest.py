import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def built(project: Path, kind: str, folder: Path) -> Path:
    """A distribution of the project, made without network in this environment."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=120)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as users get it: from the sdist, without sight of the checkout."""
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        # Python 3.11 knows filters from 3.11.4 on, and later ones want one
        archive.extractall(unpacked, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (project,) = unpacked.iterdir()
    return built(project, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def direct_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `pip install .` makes in the checkout."""
    return built(ROOT, "wheel", tmp_path_factory.mktemp("direct"))


@pytest.fixture(scope="session")
def tracked() -> set[str]:
    """Files of the checkout that git tracks or would track; links are left out."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60).stdout
    paths = {path for path in listed.split("\0") if path}
    return {path for path in paths if (ROOT / path).is_file() and not (ROOT / path).is_symlink()}


def packed(wheel: Path) -> set[str]:
    """Names of the files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}
