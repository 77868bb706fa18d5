"""SCALE-Sim's topology CSV: a layer a line, its values told by their position as SCALE-Sim does, whatever the titles.

Three sizes make a matrix product (M, N, K), seven a convolution. A title line may be missing. What stands behind the
sizes and changes the work is obeyed (sparsity, a stride of its own across) or refused, never dropped.
"""

import re
from pathlib import Path
from typing import Final

from bankside.arch.spec import ConfigError
from bankside.arch.spec.errors import clip
from bankside.cases.places import Row
from bankside.peers.operand_srams.convolution import Convolution
from bankside.text_files import read_csv

PRODUCT_COLUMNS: Final = ("M", "N", "K")
CONVOLUTION_COLUMNS: Final = (
    "IFMAP Height",
    "IFMAP Width",
    "Filter Height",
    "Filter Width",
    "Channels",
    "Num Filter",
    "Strides",
)
DEPTHWISE: Final = "DP"
"""A name that holds this is one layer for each of its channels."""
MOST_LAYERS: Final = 1 << 16
HARMLESS: Final = {"batch": "1", "padding": "0"}
"""Values of columns that SCALE-Sim lacks which ask for nothing, by how their titles begin."""


def read_topology(path: Path) -> list[Row]:
    """Layers of a topology as cases with `layer`, M, N, K and, where given, `convolution` and `sparsity`.

    A convolution becomes the product of its output pixels (M = ceil((H - R + s) / s) ceil((W - S + s) /
    s)), its filters (N) and its receptive field (K = R S channels).

    Raises
    ------
    ConfigError
        A short row, a cell that is no number or one that is not understood, one sentence each with its line.
    """
    lines = read_csv(path, ",\t")
    if not lines:
        raise ConfigError(f"{path}: The file is empty.")
    titles: list[str] = []
    if not any(_is_number(cell) for cell in lines[0][1][1:]):
        titles = lines.pop(0)[1]
    if not lines:
        raise ConfigError(f"{path}: The file lists no layer.")
    wanted = _columns(titles, [cells for _, cells in lines])
    errors: list[str] = []
    layers: list[Row] = []
    for line, cells in lines:
        place = f"{path}:{line}: "
        found = _layer(cells, titles, wanted, place, errors)
        if len(layers) + len(found) > MOST_LAYERS:
            errors.append(f"{place}The layers are more than {MOST_LAYERS}.")
            break
        layers += found
    if errors:
        raise ConfigError(errors)
    return layers


def _is_number(text: str) -> bool:
    return re.fullmatch("[0-9]{1,40}", text) is not None


def _columns(titles: list[str], rows: list[list[str]]) -> tuple[str, ...]:
    """What the file lists: convolutions where its titles or its longest line have more than the sizes of a product."""
    sizes = [sum(map(_is_number, cells[1:8])) for cells in rows]
    named = len([title for title in titles if title])
    products = {name.lower() for name in PRODUCT_COLUMNS} <= {title.lower() for title in titles}
    if products or (max(sizes, default=0) <= len(PRODUCT_COLUMNS) and named <= len(PRODUCT_COLUMNS) + 2):
        return PRODUCT_COLUMNS
    return CONVOLUTION_COLUMNS


def _layer(
    cells: list[str], titles: list[str], wanted: tuple[str, ...], place: str, errors: list[str]
) -> list[Row]:
    """The layers of one line: as many as channels for a depthwise convolution, none where it is wrong."""
    before = len(errors)
    end = len(wanted) + 1
    texts = cells[1:end] + [""] * (end - len(cells))
    numbers = _numbers(dict(zip(wanted, texts, strict=True)), place, errors)
    extra: dict[str, str] = {}
    for at, text in enumerate(cells[end:], start=end):
        title = titles[at] if at < len(titles) else ""
        _understand(title, text, wanted, extra, f"{place}{title or f'value {at}'}", errors)
    if numbers is None or len(errors) > before:
        return []
    name = cells[0]
    pattern = {"sparsity": extra["sparsity"]} if "sparsity" in extra else {}
    if wanted is PRODUCT_COLUMNS:
        return [Row({"layer": name} | {size: str(numbers[size]) for size in wanted} | pattern, place)]
    height, width, rows, cols, channels, filters, down = (numbers[size] for size in wanted)
    if wrong := _too_large(numbers):
        errors += [place + sentence for sentence in wrong]
        return []
    across = int(extra.get("across", down))
    copies = 1
    if DEPTHWISE in name:
        copies, channels = channels, 1
    if copies > MOST_LAYERS:
        errors.append(f"{place}{name} has {copies} channels, each a layer; {MOST_LAYERS} can be.")
        return []
    shape = Convolution(height, width, rows, cols, channels, down, across)
    layer = {
        "M": str(shape.pixels), "N": str(filters), "K": str(shape.window), "convolution": " ".join(map(str, shape))
    }  # fmt: skip
    names = [name] if DEPTHWISE not in name else [f"{name}Channel_{i}" for i in range(copies)]
    return [Row({"layer": each} | layer | pattern, place) for each in names]


def _numbers(cells: dict[str, str], place: str, errors: list[str]) -> dict[str, int] | None:
    bad = [(name, text) for name, text in cells.items() if not _is_number(text) or int(text) < 1]
    errors += [
        f"{place}{name} must be a whole number of at least 1, not {clip(text)!r}." for name, text in bad
    ]
    return None if bad else {name: int(text) for name, text in cells.items()}


def _understand(
    title: str, text: str, wanted: tuple[str, ...], extra: dict[str, str], place: str, errors: list[str]
) -> None:
    """Take what stands behind the sizes into `extra`, or tell that it is not understood."""
    word = title.lower()
    if text in ("", *(value for name, value in HARMLESS.items() if word.startswith(name))):
        return
    if text.startswith("#"):  # a remark behind the last comma, which SCALE-Sim does not read
        return
    if ":" in text and "sparsity" not in extra and word in ("", "sparsity"):
        extra["sparsity"] = text
    elif (
        wanted is CONVOLUTION_COLUMNS and re.fullmatch(r"strides? (width|w)", word) and "across" not in extra
    ):
        if _is_number(text) and int(text) >= 1:
            extra["across"] = text
        else:
            errors.append(f"{place} must be a whole number of at least 1, not {clip(text)!r}.")
    else:
        errors.append(
            f"{place} is {clip(text)!r}, which is not read here: behind the sizes may stand a sparsity n:m and, of "
            "convolutions, a Stride Width."
        )


def _too_large(numbers: dict[str, int]) -> list[str]:
    return [
        f"Filter {side} {numbers[f'Filter {side}']} is larger than IFMAP {side} {numbers[f'IFMAP {side}']}."
        for side in ("Height", "Width")
        if numbers[f"Filter {side}"] > numbers[f"IFMAP {side}"]
    ]
