"""A chip and its powers out of HotSpot's input files, as its command line takes them; and such files of a chip."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bankside.arch.spec import ConfigError
from bankside.arch.thermal.layers import Block, Layer, Material, Rect
from bankside.cases.places import Cell
from bankside.peers.hotspot.chip import Chip, package_faults
from bankside.peers.hotspot.config import config_text, number, package_of, read_config
from bankside.peers.hotspot.floorplan import filled, floorplan_text, read_floorplan
from bankside.peers.hotspot.layer_file import layers_text, read_layers
from bankside.peers.hotspot.power_trace import read_trace, trace_text

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Job:
    """A chip whose blocks release their mean powers, and what happens to them over time.

    Attributes
    ----------
    names : tuple of str
        Blocks with power, in the order of the trace.
    trace : float64[intervals, names]
        Their powers [W].
    step_s, initial_k : float
        Interval of the trace [s], temperature before it [K].
    rows, columns : int
        Of the grid.
    """

    chip: Chip
    names: tuple[str, ...]
    trace: Floats
    step_s: float
    initial_k: float
    rows: int
    columns: int


def read_job(
    ptrace: Path, flp: Path | None, lcf: Path | None, config: Path | None, model_type: str = ""
) -> Job:
    """Read a floorplan or a layer configuration, a power trace and a configuration.

    Raises
    ------
    ConfigError
        With all that is wrong in all of them.
    """
    errors: list[str] = []
    settings = _settings(config, model_type, errors)
    package = package_of(settings, errors)
    if lcf is not None:
        layers, heated, die = read_layers(lcf, errors)
    elif flp is not None:
        blocks, die = read_floorplan(flp, errors)
        layers, heated = _chip_layers(settings, package.t_interface, blocks, errors), [True, False]
        layers[1] = replace(layers[1], material=Material.even(package.k_interface, package.p_interface))
    else:
        raise ConfigError("A floorplan (flp) or a layer configuration (lcf) is needed.")
    names, trace = read_trace(ptrace, errors)
    errors += [
        f"{settings[name].place if name in settings else ''}{sentence}"
        for name, sentence in package_faults(package, die.width, die.depth)
    ]
    if names and any(layer.blocks for layer in layers):
        layers = _powered(layers, heated, dict(zip(names, trace.mean(axis=0), strict=True)), ptrace, errors)
    if errors:
        raise ConfigError(errors)
    chip = Chip(ptrace.stem, die.width, die.depth, tuple(layers), package)
    step_s, initial_k = number(settings, "sampling_intvl", errors), number(settings, "init_temp", errors)
    rows, columns = (int(number(settings, name, errors)) for name in ("grid_rows", "grid_cols"))
    return Job(chip, tuple(names), trace, step_s, initial_k, rows, columns)


def _settings(config: Path | None, model_type: str, errors: list[str]) -> dict[str, Cell]:
    if config is None:
        return {}
    told: list[str] = []
    settings = read_config(config, told)
    if model_type == "grid":
        told = [sentence for sentence in told if "model_type is modelled as" not in sentence]
    errors += told
    return settings


def _chip_layers(
    settings: dict[str, Cell], interface_m: float, blocks: list[Block], errors: list[str]
) -> list[Layer]:
    thickness, conductivity, capacity = (number(settings, f"{what}_chip", errors) for what in "tkp")
    silicon = Material.even(conductivity, capacity)
    return [Layer("layer0", thickness, silicon, tuple(blocks)), Layer("layer1", interface_m, silicon)]


def _powered(
    layers: list[Layer], heated: list[bool], powers: Mapping[str, float], trace: Path, errors: list[str]
) -> list[Layer]:
    """Layers whose blocks release these powers; those of layers that dissipate nothing are left out."""
    homes: dict[str, int] = {}
    for index, layer in enumerate(layers):
        for block in layer.blocks if heated[index] else ():
            if block.name in homes:
                both = f"in layers {homes[block.name]} and {index}"
                errors.append(f"{trace}: the block {block.name} is {both}; its power belongs to one.")
            homes[block.name] = index
    errors += [
        f"{trace}:1: there is no block {name} in a layer that dissipates power."
        for name in powers
        if name not in homes
    ]
    errors += [
        f"{trace}:1: the block {name} of layer {homes[name]} has no power."
        for name in homes
        if name not in powers
    ]
    return [
        replace(
            layer,
            blocks=tuple(replace(block, power_w=powers.get(block.name, 0.0)) for block in layer.blocks)
            if heated[index]
            else (),
        )
        for index, layer in enumerate(layers)
    ]


def files_of(chip: Chip, grid: int) -> dict[str, str]:
    """Files that give the chip to HotSpot, by name: configuration, layers, floorplans, powers of one interval.

    Blocks of one name in several layers, and what fills holes, are told apart by the layer: L0_NAME.
    """
    die = Rect(0.0, 0.0, chip.width_m, chip.depth_m)
    texts, floorplans = {}, []
    powers: dict[str, float] = {}
    plans = [filled(layer.blocks, die) for layer in chip.layers]
    named = Counter(block.name for plan in plans for block in plan)
    for index, (layer, plan) in enumerate(zip(chip.layers, plans, strict=True)):
        blocks = [
            block
            if named[block.name] == 1 and block in layer.blocks
            else replace(block, name=f"L{index}_{block.name}")
            for block in plan
        ]
        floorplans.append(f"{chip.name}.layer{index}.flp")
        texts[floorplans[-1]] = floorplan_text(blocks)
        if layer.blocks:
            powers |= {block.name: block.power_w for block in blocks}
    texts[f"{chip.name}.lcf"] = layers_text(chip, floorplans)
    texts[f"{chip.name}.ptrace"] = trace_text(powers)
    texts[f"{chip.name}.config"] = config_text(chip.package, grid)
    return texts
