"""Layer configurations (.lcf): seven lines a layer, from the bottom to the interface below the spreader."""

from pathlib import Path

from bankside.arch.spec.errors import clip
from bankside.arch.thermal.layers import Layer, Material, Rect
from bankside.peers.hotspot.chip import Chip
from bankside.peers.hotspot.floorplan import read_floorplan
from bankside.text_files import read_text

LINES = (
    "number",
    "lateral heat flow",
    "power dissipation",
    "heat capacity",
    "resistivity",
    "thickness",
    "floorplan",
)


def read_layers(path: Path, errors: list[str]) -> tuple[list[Layer], list[bool], Rect]:
    """Layers with their blocks, whether each dissipates power, and the rectangle of all.

    Floorplans are looked for beside the file.
    """
    lines = [
        (number, text)
        for number, line in enumerate(read_text(path).split("\n"), 1)
        if (text := line.partition("#")[0].strip())
    ]
    if not lines or len(lines) % len(LINES):
        errors.append(
            f"{path}: a layer has seven lines ({', '.join(LINES)}); these are {len(lines)} lines in all."
        )
        return [], [], Rect(0.0, 0.0, 1.0, 1.0)
    layers: list[Layer] = []
    heated: list[bool] = []
    chip: Rect | None = None
    for start in range(0, len(lines), len(LINES)):
        group = lines[start : start + len(LINES)]
        index = start // len(LINES)
        if group[0][1] != str(index):
            errors.append(
                f"{path}:{group[0][0]}: this is layer {index} from the bottom, not {clip(group[0][1])}."
            )
        if group[1][1].upper() != "Y":
            errors.append(f"{path}:{group[1][0]}: layers without lateral heat flow are not modelled; say Y.")
        if group[2][1].upper() not in ("Y", "N"):
            errors.append(f"{path}:{group[2][0]}: power dissipation is Y or N, not {clip(group[2][1])!r}.")
        numbers = [
            _positive(path, line, name, errors) for line, name in zip(group[3:6], LINES[3:6], strict=True)
        ]
        blocks, die = read_floorplan(path.parent / group[6][1], errors, chip)
        chip = chip or die
        capacity, resistivity, thickness = numbers
        material = Material.even(1.0 / resistivity, capacity)
        layers.append(Layer(f"layer{index}", thickness, material, tuple(blocks)))
        heated.append(group[2][1].upper() == "Y")
    assert chip is not None
    return layers, heated, chip


def _positive(path: Path, line: tuple[int, str], name: str, errors: list[str]) -> float:
    try:
        value = float(line[1])
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        errors.append(
            f"{path}:{line[0]}: the {name} of a layer must be a number above 0, not {clip(line[1])!r}."
        )
        return 1.0
    return value


def layers_text(chip: Chip, floorplans: list[str]) -> str:
    """A layer configuration with these names of floorplans."""
    groups = [
        f"# {layer.name}\n{index}\nY\n{'Y' if layer.blocks else 'N'}\n{layer.material.capacity!r}\n"
        f"{1.0 / layer.material.conductivity!r}\n{layer.thickness_m!r}\n{floorplan}\n"
        for index, (layer, floorplan) in enumerate(zip(chip.layers, floorplans, strict=True))
    ]
    return "\n".join(groups)
