"""Cases in JSON, {meta, cases: {NAME: case}}: chips with inputs in SI units, measured results beside them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from bankside.arch.spec import ConfigError
from bankside.arch.spec.errors import clip
from bankside.arch.thermal.checks import floorplan_faults
from bankside.arch.thermal.layers import Block, Layer, Material, Rect
from bankside.peers.hotspot.chip import PACKAGE, Chip, Package, package_faults
from bankside.text_files import read_text

CASE: Final = (
    "side_m",
    "grid",
    "package",
    "layers",
    "appended_layers",
    "transient",
    "transient_hotspot",
)
"""What is read of a case; other keys are results beside it, and come back."""
MISSPELT: Final = 0.85
"""Likeness of a key to one that is read from which on it is taken for a slip (difflib)."""
LAYER: Final = ("thickness_m", "k_W_mK", "cv_J_m3K")
BLOCK: Final = ("x", "y", "w", "h", "P")
APPENDED: Final = {"thickness_m": "t", "k_W_mK": "k", "cv_J_m3K": "p", "side_m": "s"}
"""Parameters of the package by the keys of layers."""
NOTES: Final = ("kind", "h_top")
"""Of a package: what it is called, and what follows from the rest."""
MOST_CELLS: Final = 512
"""Columns of a grid along a side."""


@dataclass(frozen=True)
class Step:
    """A transient after all powers come on: time step [s], temperature before [K], steps in all and those that are
    asked for, names of blocks (`L0_spot`)."""

    grid: int
    step_s: float
    initial_k: float
    count: int
    steps: tuple[int, ...]
    blocks: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A chip, the columns along its side, and perhaps a transient."""

    chip: Chip
    grid: int
    transient: Step | None


def read_cases(path: Path) -> tuple[dict[str, Any], dict[str, Case]]:
    """The file as it is, and its cases.

    Raises
    ------
    ConfigError
        With all that is wrong in all cases.
    """
    try:
        data = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}:{error.colno}: this is not JSON: {error.msg}.") from None
    except RecursionError:
        raise ConfigError(f"{path}: the file is nested too deeply.") from None
    cases = data.get("cases") if isinstance(data, dict) else None
    if not isinstance(cases, dict) or not cases:
        raise ConfigError(f"{path}: the file must be an object with 'cases', an object of one case or more.")
    errors: list[str] = []
    found = {name: _Reader(f"{path} cases.{name}", errors).case(name, case) for name, case in cases.items()}
    if errors:
        raise ConfigError(errors)
    return data, {name: case for name, case in found.items() if case is not None}


class _Reader:
    """Reads one case; sentences begin with the path of the value."""

    def __init__(self, place: str, errors: list[str]) -> None:
        self.place, self.errors = place, errors

    def case(self, name: str, data: Any) -> Case | None:
        before = len(self.errors)
        if not isinstance(data, dict):
            self._complain("", "a case is an object of keys.")
            return None
        for key in data:
            if key not in CASE and (near := get_close_matches(key, CASE, 1, MISSPELT)):
                self._complain(key, f"there is no such key of a case; did you mean {near[0]!r}?")
        side = self._number(data, "side_m", "")
        package = self._package(data)
        layers = [
            self._layer(layer, f"layers[{index}]", side)
            for index, layer in enumerate(self._list(data, "layers", ""))
        ]
        if not layers and len(self.errors) == before:
            self._complain("layers", "a chip has one layer or more.")
        if len(self.errors) > before:
            return None
        chip = Chip(name, side, side, tuple(layer for layer in layers if layer), package)
        for key, sentence in package_faults(package, side, side):
            self._complain(f"package.{key}", sentence)
        grid = self._whole(data, "grid", "", MOST_CELLS)
        return Case(chip, grid, self._transient(data, chip, grid))

    def _package(self, data: Mapping[str, Any]) -> Package:
        given = data.get("package")
        if not isinstance(given, dict):
            self._complain("package", "the package is an object of HotSpot's parameters.")
            return Package()
        self._known(given, (*PACKAGE, *NOTES), "package.", "parameter of a package")
        values = {key: self._number(given, key, "package.") for key in PACKAGE if key in given}
        for index, layer in enumerate(self._list(data, "appended_layers", "")):
            part = str(layer.get("name", "")).lower() if isinstance(layer, dict) else ""
            at = f"appended_layers[{index}]."
            if part not in ("spreader", "sink"):
                self._complain(f"{at}name", "what is appended is SPREADER or SINK.")
                continue
            for key, parameter in APPENDED.items():
                if key in layer:
                    value = self._number(layer, key, at)
                    if values.setdefault(f"{parameter}_{part}", value) != value:
                        self._complain(f"{at}{key}", f"{key} differs from {parameter}_{part} of the package.")
        return replace(Package(), **values)

    def _layer(self, data: Any, at: str, side: float) -> Layer | None:
        if not isinstance(data, dict):
            self._complain(at, "a layer is an object of keys.")
            return None
        self._known(data, (*LAYER, "index", "name", "power_W", "blocks"), f"{at}.", "key of a layer")
        thickness, conductivity, capacity = (self._number(data, key, f"{at}.") for key in LAYER)
        name = str(data.get("name", at))
        blocks = [
            self._block(block, f"{at}.blocks[{index}]", side)
            for index, block in enumerate(self._list(data, "blocks", f"{at}."))
        ]
        sound = tuple(block for block in blocks if block is not None)
        for block, sentence in floorplan_faults(sound, Rect(0.0, 0.0, side, side)):
            self._complain(f"{at} ({name})" if block is None else f"{at} ({name}).{block.name}", sentence)
        released, stated = sum(block.power_w for block in sound), data.get("power_W", 0.0)
        if len(sound) == len(blocks) and not _near(released, stated):
            where = "no block releases it" if not sound else f"its blocks release {released:g} W"
            self._complain(f"{at}.power_W", f"the layer {name} has {stated} W, but {where}.")
        return Layer(name, thickness, Material.even(conductivity, capacity), sound)

    def _block(self, data: Any, at: str, side: float) -> Block | None:
        if not isinstance(data, dict):
            self._complain(at, "a block is an object of keys.")
            return None
        before = len(self.errors)
        self._known(data, (*BLOCK, "name"), f"{at}.", "key of a block")
        x, y, w, h, power = (self._number(data, key, f"{at}.", least=None) for key in BLOCK)
        if len(self.errors) > before:
            return None
        return Block(str(data.get("name", at)), Rect(x * side, y * side, w * side, h * side), power)

    def _transient(self, data: Mapping[str, Any], chip: Chip, grid: int) -> Step | None:
        key = next((key for key in ("transient", "transient_hotspot") if key in data), None)
        if key is None:
            return None
        given = data[key]
        if not isinstance(given, dict):
            self._complain(key, "a transient is an object of keys.")
            return None
        known = {
            f"L{index}_{block.name}" for index, layer in enumerate(chip.layers) for block in layer.blocks
        }
        blocks = [str(name) for name in self._list(given, "blocks", f"{key}.")]
        for name in blocks:
            if name not in known:
                self._complain(
                    f"{key}.blocks", f"there is no block {clip(name)!r}; L0_NAME is one of layer 0."
                )
        count = self._whole(given, "n_steps", f"{key}.", 1_000_000)
        steps = self._list(given, "steps", f"{key}.") or list(range(1, count + 1))
        if not all(isinstance(step, int) and 1 <= step <= count for step in steps):
            self._complain(f"{key}.steps", f"steps are whole numbers from 1 to {count}.")
        start = self._number(given, "initial_K", f"{key}.", default=chip.package.ambient)
        return Step(
            self._whole({"grid": grid, **given}, "grid", f"{key}.", MOST_CELLS),
            self._number(given, "dt_s", f"{key}."), start, count, tuple(steps), tuple(blocks),
        )  # fmt: skip

    def _known(self, data: Mapping[str, Any], known: Sequence[str], at: str, what: str) -> None:
        for key in data:
            if key not in known:
                self._complain(f"{at}{key}", f"there is no such {what} here.")

    def _number(
        self,
        data: Mapping[str, Any],
        key: str,
        at: str,
        least: float | None = 0.0,
        default: float | None = None,
    ) -> float:
        value = data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
            self._complain(f"{at}{key}", f"{key} must be a number, not {clip(json.dumps(value))}.")
            return 1.0
        if least is not None and not value > least:
            self._complain(f"{at}{key}", f"{key} must be above {least:g}, not {value:g}.")
            return 1.0
        return float(value)

    def _whole(self, data: Mapping[str, Any], key: str, at: str, most: int) -> int:
        value = data.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            self._complain(
                f"{at}{key}",
                f"{key} must be a whole number from 1 to {most:,}, not {clip(json.dumps(value))}.",
            )
            return 1
        return value

    def _list(self, data: Mapping[str, Any], key: str, at: str) -> list[Any]:
        value = data.get(key, [])
        if not isinstance(value, list):
            self._complain(f"{at}{key}", f"{key} must be a list.")
            return []
        return value

    def _complain(self, key: str, sentence: str) -> None:
        self.errors.append(f"{self.place}{'.' * bool(key)}{key}: {sentence}")


def _near(one: float, other: Any) -> bool:
    return isinstance(other, int | float) and abs(one - other) <= 1e-6 * max(1.0, abs(one))


def probes_of(chip: Chip) -> Iterator[tuple[str, int, Block]]:
    """Blocks by the names that transients use, with the layer that each is in."""
    for index, layer in enumerate(chip.layers):
        for block in layer.blocks:
            yield f"L{index}_{block.name}", index, block
