"""The command line on machines that answer at once: what is tested here is the face, not the models."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.bankside.sample import result
from typer.testing import CliRunner

from bankside.arch.spec import ConfigError
from bankside.cli.app import app
from bankside.experiment.grid_points import Point, Workshop

TAPS = {
    "hbm-pim": ("PIM", "hbm.bank_pair", 30_000_000_000),
    "aim": ("PIM", "gddr6.bank", 20_000_000_000),
    "base-die": ("PNM", "hbm.base", 50_000_000_000),
    "hybrid-3d": ("PNM", "hbm.vault", 10_000_000_000),
    "xpu-h100": ("host", "hbm.host", 90_000_000_000),
}


@dataclasses.dataclass(frozen=True)
class FakeMachine:
    """A machine by name whose digest follows its overrides."""

    name: str
    overrides: tuple[str, ...]

    @property
    def digest(self) -> str:
        return f"{self.name}{self.overrides}"


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Point]:
    """Replace machines and their simulation; returns the points that were run."""
    points: list[Point] = []

    def machine(self: Workshop, point: Point) -> FakeMachine:
        if point.machine not in TAPS:
            raise ConfigError([f"There is no '{point.machine}' among the machines."])
        if any("nonsense" in override for override in point.overrides):
            raise ConfigError([f"--set {point.overrides[0]}: there is no such value."])
        return FakeMachine(point.machine, point.overrides)

    def run(self: Workshop, point: Point) -> dict[str, Any]:
        self.machine(point)
        kernel = self.kernel(point)
        if dict(point.options).get("m") == 666:
            raise ConfigError([f"gemv needs more than {point.machine} holds."])
        points.append(point)
        placement, tap, time_fs = TAPS[point.machine]
        batch = int(dict(point.options).get("batch", 1))
        made = result(point.machine, time_fs * batch)
        made["machine"] |= {"placement": placement, "tap": tap}
        made["kernel"] = {"name": kernel.name, **kernel.parameters}
        made["provenance"]["command"] = self.command
        return made

    monkeypatch.setattr(Workshop, "machine", machine)
    monkeypatch.setattr(Workshop, "run", run)
    return points


@pytest.fixture
def bankside(ran: list[Point], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run a command; returns its exit_code, stdout, stderr."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def invoke(*words: str, stdin: str | None = None) -> Any:
        outcome = CliRunner().invoke(app, list(words), input=stdin)
        assert "Traceback" not in outcome.stderr
        assert "defect" not in outcome.stderr
        return outcome

    return invoke


@pytest.fixture
def refused(bankside: Callable[..., Any]) -> Callable[..., list[str]]:
    """Run a command that must be refused; returns its sentences."""

    def invoke(*words: str) -> list[str]:
        outcome = bankside(*words)
        assert outcome.exit_code == 2, outcome.output
        assert outcome.stdout == ""
        sentences = outcome.stderr.splitlines()
        assert sentences
        assert all(sentence.rstrip().endswith((".", "?")) for sentence in sentences)
        return list(sentences)

    return invoke


@pytest.fixture
def parsed(bankside: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command that prints JSON; returns what it says."""

    def invoke(*words: str) -> Any:
        outcome = bankside(*words)
        assert outcome.exit_code == 0, outcome.output
        assert outcome.stderr == ""
        return json.loads(outcome.stdout)

    return invoke
