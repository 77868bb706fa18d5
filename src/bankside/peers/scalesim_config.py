"""SCALE-Sim's .cfg: the cells that all layers of a run share, each with its line."""

import re
from configparser import ConfigParser
from configparser import Error as IniError
from pathlib import Path
from typing import Final, TypeAlias

from bankside.arch.spec import ConfigError
from bankside.text_files import read_text
from bankside.unit.cases.places import Cell
from bankside.unit.cases.reader import Reader, refuse

Section: TypeAlias = dict[str, Cell]

ARCHITECTURE: Final = {
    "ArrayHeight": "rows",
    "ArrayWidth": "cols",
    "IfmapSramSzkB": "ifmap_sram_kB",
    "FilterSramSzkB": "filter_sram_kB",
    "OfmapSramSzkB": "ofmap_sram_kB",
    "Dataflow": "dataflow",
}

SPARSITY: Final = {
    "sparse_rep": ("SparseRep", "ellpack_block"),
    "optimized_mapping": ("OptimizedMapping", "false"),
    "block_size": ("BlockSize", "4"),
}


def read_config(path: Path) -> dict[str, str]:
    """Cells that every layer of a run shares, from a .cfg file.

    Raises
    ------
    ConfigError
        All that is wrong with the file, one sentence each.
    """
    sections = _sections(path)
    presets, sparsity = sections.get("architecture_presets"), sections.get("sparsity", {})
    if presets is None:
        raise ConfigError(f"{path}: The section [architecture_presets] is missing.")
    errors = [
        f"{path}: {name} is missing in [architecture_presets]."
        for name in ARCHITECTURE
        if name.lower() not in presets
    ]
    support = Reader({"sparse": sparsity.get("sparsitysupport", "false")}, errors).flag("sparse", False)
    refuse(errors)
    shared: dict[str, str] = {ours: presets[theirs.lower()] for theirs, ours in ARCHITECTURE.items()}
    shared["convention"] = "scalesim"
    shared["bw_mode"] = sections.get("run_presets", {}).get("interfacebandwidth", "CALC")
    shared |= _ports(presets, sections.get("layout", {}))
    if support:
        shared |= {ours: sparsity.get(theirs.lower(), usual) for ours, (theirs, usual) in SPARSITY.items()}
    else:
        shared["sparse"] = "false"  # the pattern of a topology is then not read
    return shared


def _sections(path: Path) -> dict[str, Section]:
    """Cells by section and key in lower case."""
    parser = ConfigParser(inline_comment_prefixes=("#", ";"), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    text = read_text(path)
    try:
        parser.read_string(text, source=str(path))
    except IniError as error:
        first = str(error).splitlines()[0]
        raise ConfigError(f"{path}: This is not a configuration of SCALE-Sim: {first}") from error
    lines = _lines(text)
    return {
        name: {
            key.lower(): Cell(value.strip(), f"{path}:{lines.get((name, key), 1)}: {key}: ")
            for key, value in parser[name].items()
        }
        for name in parser.sections()
    }


def _lines(text: str) -> dict[tuple[str, str], int]:
    """Line of each key by its section; the parser does not tell."""
    found: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if head := re.match(r"\[(.+)\]", line):
            section = head[1]
        elif key := re.match(r"\s*([^:=]*?)\s*[:=]", line):
            found.setdefault((section, key[1]), number)
    return found


def _ports(presets: Section, layout: Section) -> Section:
    """Words per cycle to memory in the USER mode: the bank widths of [layout], and `Bandwidth` for the results.

    Files without a [layout] have `Bandwidth` for all three.
    """
    stated = presets.get("bandwidth", Cell("", ""))
    first = Cell(stated.split(",")[0].strip(), stated.place)
    ports = {name: layout.get(f"{name}srambankbandwidth", first) for name in ("ifmap", "filter")} | {
        "ofmap": first
    }
    return {f"bw_{name}": words for name, words in ports.items() if words}
