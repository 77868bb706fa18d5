"""HotSpot's configuration files: `-name value` a line, comments after #."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from bankside.arch.spec.errors import clip
from bankside.cases.places import Cell
from bankside.peers.hotspot.chip import PACKAGE, Package
from bankside.text_files import read_text

NUMBERS: Final = {
    **dict.fromkeys(PACKAGE, ""), "t_chip": "0.15e-3", "k_chip": "100.0", "p_chip": "1.75e6", "init_temp": "333.15",
    "sampling_intvl": "3.333e-6", "grid_rows": "64", "grid_cols": "64",
}  # fmt: skip
"""Numbers that are read, and HotSpot's defaults of those that are no part of the package (temperature.c, 7.0)."""

ONLY: Final = {
    "model_secondary": ("0",), "model_type": ("grid",), "leakage_used": ("0",), "package_model_used": ("0",),
    "dtm_used": ("0",), "init_file": ("(null)",), "detailed_3D": ("off",), "use_microfluidic_cooling": ("0",),
}  # fmt: skip
"""Settings with the values that are modelled. The block model of one node a block is not."""

FILES: Final = ("f", "p", "grid_layer_file")

SILENT: Final = (
    "o", "steady_file", "grid_steady_file", "grid_transient_file", "base_proc_freq", "thermal_threshold",
    "leakage_mode", "package_config_file", "block_omit_lateral", "grid_map_mode", "n_metal", "t_metal", "t_c4",
    "s_c4", "n_c4", "s_sub", "t_sub", "s_solder", "t_solder", "s_pcb", "t_pcb", "r_convec_sec", "c_convec_sec",
    "pumping_pressure", "pump_internal_res", "inlet_temperature", "coolant_material", "wall_material", "htc",
    "wrap_l2", "l2_label", "model_rim", "rim_thickness", "compact_ratio", "n_orients", "P0", "Davg", "Kmoves",
    "Rcool", "Rreject", "Nmax", "lambdaA", "lambdaT", "lambdaW", "coolant_capac", "coolant_res", "coolant_visc",
    "wall_capac", "wall_res",
)  # fmt: skip
"""Settings that change nothing where the paths, models and tools that they belong to are off."""

LINE: Final = re.compile(r"\s*-(\w+)\s+(\S+)\s*")


def read_config(path: Path, errors: list[str]) -> dict[str, Cell]:
    """Settings by name, each with its line; a sentence for each that is not understood."""
    found: dict[str, Cell] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        text = line.partition("#")[0]
        if not text.strip():
            continue
        place = f"{path}:{number}: "
        match = LINE.fullmatch(text)
        if match is None:
            errors.append(f"{place}this is no '-name value': {clip(text.strip())!r}.")
            continue
        name, value = match[1], match[2]
        if name in found:
            errors.append(f"{place}{name} is given twice.")
        elif name in ONLY and value not in ONLY[name]:
            errors.append(f"{place}{name} is modelled as {ONLY[name][0]} alone, not {clip(value)!r}.")
        elif name not in (*NUMBERS, *ONLY, *FILES, *SILENT):
            errors.append(
                f"{place}there is no setting {name!r} here; HotSpot may know it, but it is not modelled."
            )
        found[name] = Cell(value, place)
    return found


def number(settings: dict[str, Cell], name: str, errors: list[str]) -> float:
    """A setting as a number above 0."""
    cell = settings.get(name) or Cell(NUMBERS[name], "")
    try:
        value = float(cell)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        errors.append(f"{cell.place}{name} must be a number above 0, not {clip(cell)!r}.")
        return 1.0
    return value


def package_of(settings: dict[str, Cell], errors: list[str]) -> Package:
    """The package: HotSpot's default with what is set."""
    return replace(
        Package(), **{name: number(settings, name, errors) for name in PACKAGE if name in settings}
    )


def config_text(package: Package, grid: int) -> str:
    """A configuration of the grid model with this package."""
    values = {name: repr(getattr(package, name)) for name in PACKAGE}
    values |= {
        "init_temp": repr(package.ambient),
        "model_type": "grid",
        "grid_rows": str(grid),
        "grid_cols": str(grid),
    }
    return "".join(f"-{name}\t{value}\n" for name, value in values.items())
