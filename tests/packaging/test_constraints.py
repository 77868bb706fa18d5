"""The checked-in versions are those of everything that the README's commands install, and no others are needed."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINS = {
    canonicalize_name(requirement.name): requirement
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if not line.startswith("#")
    for requirement in [Requirement(line)]
}


def direct(*extras: str) -> list[Requirement]:
    """What the project itself asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    return list(
        map(Requirement, [*project["dependencies"], *(line for name in extras for line in optional[name])])
    )


def needed(requirement: Requirement) -> Iterator[str]:
    """The package and all that it needs on this Python, as far as it is installed."""
    stack, seen = [requirement], set[str]()
    while stack:
        name = canonicalize_name((wanted := stack.pop()).name)
        if name in seen or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        yield name
        stack += map(Requirement, distribution(name).requires or [])


def test_every_version_is_one_and_plain() -> None:
    assert all(re.fullmatch(r"==[^*,]+", str(pin.specifier)) and not pin.marker for pin in PINS.values())


@pytest.mark.parametrize("wanted", direct("test", "lint"), ids=lambda wanted: wanted.name)
def test_what_the_project_asks_for_is_pinned_at_a_version_that_it_allows(wanted: Requirement) -> None:
    (pin,) = PINS[canonicalize_name(wanted.name)].specifier
    assert wanted.specifier.contains(pin.version)


@pytest.mark.parametrize("wanted", direct("test"), ids=lambda wanted: wanted.name)
def test_what_those_need_is_pinned_too(wanted: Requirement) -> None:
    assert set(needed(wanted)) <= PINS.keys()


def test_the_readme_installs_these_versions() -> None:
    commands = re.findall(r"^    (python3 -m venv .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert " && .venv/bin/pip install -q -c constraints.txt -e " in command
    assert commands[1].endswith(".venv/bin/python -m pytest -q")
