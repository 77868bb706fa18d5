"""S9: what is installed is what stands in the checkout, under one import name."""

import tarfile
from pathlib import Path

import pytest
from tests.packaging.conftest import packed

FOLDERS = ("arch", "kernels", "configs", "validation")


def expected(tracked: set[str]) -> set[str]:
    own = {path.removeprefix("src/") for path in tracked if path.startswith("src/bankside/")}
    return own | {f"bankside/{path}" for path in tracked if path.split("/")[0] in FOLDERS}


@pytest.mark.parametrize("kind", ["wheel", "direct_wheel"])
def test_s9_the_wheel_holds_the_tree_and_nothing_else(
    kind: str, tracked: set[str], request: pytest.FixtureRequest
) -> None:
    names = packed(request.getfixturevalue(kind))
    metadata = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert names - metadata == expected(tracked)
    assert {name.split("/")[1] for name in metadata} == {"METADATA", "RECORD", "WHEEL", "entry_points.txt"}


def test_s9_the_sdist_can_be_tested(sdist: Path, tracked: set[str]) -> None:
    with tarfile.open(sdist) as archive:
        names = {member.name.split("/", 1)[1] for member in archive.getmembers() if member.isfile()}
    assert names == tracked | {"PKG-INFO"}


def test_examples_of_every_kind_are_packed(wheel: Path) -> None:
    names = packed(wheel)
    for needed in ("py.typed", "__main__.py", "arch/spec/__init__.py", "configs/models/gpt2.json"):
        assert f"bankside/{needed}" in names
