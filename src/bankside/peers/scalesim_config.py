"""SCALE-Sim's .cfg: the cells that all layers of a run share, each with its line."""

import re
from collections.abc import Iterator
from configparser import (
    ConfigParser,
    DuplicateOptionError,
    DuplicateSectionError,
    MissingSectionHeaderError,
    ParsingError,
)
from configparser import Error as IniError
from pathlib import Path
from typing import Final, TypeAlias

from bankside.arch.spec import ConfigError
from bankside.arch.spec.errors import clip
from bankside.cases.places import Cell
from bankside.cases.reader import Reader, refuse
from bankside.text_files import read_text

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


WITHOUT_EFFECT: Final = {
    "general": ("run_name",),
    "architecture_presets": (
        "ifmapoffset", "filteroffset", "ofmapoffset", "memorybanks", "readrequestbuffer", "writerequestbuffer"
    ),
    "layout": tuple(f"{name}srambank{of}" for name in ("ifmap", "filter") for of in ("num", "port")),
    "network_presets": ("topologycsvloc",),
    "sparsity": ("randomnumbergeneratorseed",),
    "run_presets": ("timelinearmodel",),
}  # fmt: skip
"""Keys in lower case that change no count of ours: places of operands, banks and ports that only a custom layout
asks for, buffers of requests to Ramulator, a default that a topology of the case overrides, the seed of what is
given as an expectation, a fit from cycles to seconds."""

TAKEN: Final = {
    "architecture_presets": (*(name.lower() for name in ARCHITECTURE), "bandwidth"),
    "layout": ("ifmapsrambankbandwidth", "filtersrambankbandwidth"),
    "sparsity": ("sparsitysupport", *(theirs.lower() for theirs, _ in SPARSITY.values())),
    "run_presets": ("interfacebandwidth",),
}

MUST_BE_OFF: Final = {
    ("layout", "ifmapcustomlayout"): "custom layouts of operands",
    ("layout", "filtercustomlayout"): "custom layouts of operands",
    ("run_presets", "useramulatortrace"): "latencies from a trace of Ramulator",
}
"""Switches for what is not modelled."""

RELEASE_1: Final = {
    "ifmapsramsz": "IfmapSramSzkB",
    "filtersramsz": "FilterSramSzkB",
    "ofmapsramsz": "OfmapSramSzkB",
}
"""Keys of SCALE-Sim 1 (ARM-software), whose counts differ from those of release 3."""


def read_config(path: Path) -> dict[str, str]:
    """Cells that every layer of a run shares, from a .cfg file.

    Raises
    ------
    ConfigError
        All that is wrong with the file, one sentence each.
    """
    sections = _sections(path)
    refuse(list(_strange(sections)))
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


def _strange(sections: dict[str, Section]) -> Iterator[str]:
    """What is not understood, and what is asked for and not modelled."""
    for section, keys in sections.items():
        known = TAKEN.get(section, ()) + WITHOUT_EFFECT.get(section, ())
        for key, cell in keys.items():
            if (section, key) in MUST_BE_OFF:
                errors: list[str] = []
                asked = Reader({"switch": cell}, errors).flag("switch", False)
                if errors:
                    yield f"{cell.place}must be True or False, not {clip(cell)!r}."
                elif asked:
                    yield f"{cell.place}{MUST_BE_OFF[section, key]} are not modelled; the key must be False."
            elif key in RELEASE_1:
                yield f"{cell.place}this key is of SCALE-Sim 1; release 3, modelled here, has {RELEASE_1[key]}."
            elif key not in known:
                yield f"{cell.place}[{section}] has no such key in SCALE-Sim 3."


def _sections(path: Path) -> dict[str, Section]:
    """Cells by section and key in lower case."""
    parser = ConfigParser(inline_comment_prefixes=("#", ";"), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    text = read_text(path)
    try:
        parser.read_string(text, source=str(path))
    except IniError as error:
        raise ConfigError(_unreadable(path, error)) from error
    lines = _lines(text)
    for name in parser.sections():
        keys = list(parser[name])
        refuse(
            [
                f"{path}:{lines.get((name, key), 1)}: {clip(key)} is given twice in [{clip(name)}]."
                for at, key in enumerate(keys)
                if key.lower() in map(str.lower, keys[:at])
            ]
        )
    return {
        name: {
            key.lower(): Cell(value.strip(), f"{path}:{lines.get((name, key), 1)}: {key}: ")
            for key, value in parser[name].items()
        }
        for name in parser.sections()
    }


def _unreadable(path: Path, error: IniError) -> str:
    """What the parser stopped at, as a sentence."""
    match error:
        case DuplicateOptionError():
            return f"{path}:{error.lineno}: {clip(error.option)} is given twice in [{clip(error.section)}]."
        case DuplicateSectionError():
            return f"{path}:{error.lineno}: The section [{clip(error.section)}] is given twice."
        case MissingSectionHeaderError():
            what = "no section begins before this line."
            return f"{path}:{error.lineno}: This is not a configuration of SCALE-Sim: {what}"
        case ParsingError() if error.errors:
            line, text = error.errors[0]
            return f"{path}:{line}: This is no key and its value: {clip(str(text))}."
    return f"{path}: This is not a configuration of SCALE-Sim: {type(error).__name__}."


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
