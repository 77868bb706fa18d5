"""Floorplan files (.flp): a block a line, `name width height left bottom` in metres, comments after #."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from bankside.arch.spec.errors import clip
from bankside.arch.thermal.checks import floorplan_faults
from bankside.arch.thermal.layers import Block, Rect
from bankside.text_files import read_text

MOST_BLOCKS = 4096


def read_floorplan(path: Path, errors: list[str], chip: Rect | None = None) -> tuple[list[Block], Rect]:
    """Blocks of a floorplan and the rectangle that they tile, moved to the origin.

    Parameters
    ----------
    errors : list of str
        A sentence for everything that is wrong is appended.
    chip : Rect or None
        The rectangle of the layers below, which this one has to have as well.
    """
    blocks: list[Block] = []
    lines: dict[str, int] = {}
    for number, words in enumerate(map(_words, read_text(path).split("\n")), 1):
        if not words:
            continue
        place = f"{path}:{number}: "
        if len(words) not in (5, 7):
            errors.append(
                f"{place}a block has a name, width, height, left and bottom, not {len(words)} words."
            )
            continue
        if len(words) == 7:
            errors.append(
                f"{place}{words[0]} has a heat capacity and a resistivity of its own (detailed_3D), which are not read."
            )
        try:
            width, depth, left, bottom = map(float, words[1:5])
        except ValueError:
            errors.append(
                f"{place}the sizes of {words[0]} must be numbers, not {clip(' '.join(words[1:5]))!r}."
            )
            continue
        if words[0] in lines:
            errors.append(f"{place}the block {words[0]} stands in line {lines[words[0]]} already.")
        lines[words[0]] = number
        blocks.append(Block(words[0], Rect(left, bottom, width, depth)))
    if not blocks:
        errors.append(f"{path}: the floorplan has no blocks.")
        return [], chip or Rect(0.0, 0.0, 1.0, 1.0)
    if len(blocks) > MOST_BLOCKS:
        errors.append(f"{path}: {len(blocks):,} blocks are more than the {MOST_BLOCKS:,} that are looked at.")
        return [], chip or Rect(0.0, 0.0, 1.0, 1.0)
    blocks, die = _at_origin(blocks)
    for block, sentence in floorplan_faults(blocks, chip or die, whole=True):
        errors.append(f"{path}:{lines[block.name] if block else 1}: {sentence}")
    return blocks, die


def _words(line: str) -> list[str]:
    return line.partition("#")[0].split()


def _at_origin(blocks: Sequence[Block]) -> tuple[list[Block], Rect]:
    left, bottom = min(block.at.x for block in blocks), min(block.at.y for block in blocks)
    moved = [
        Block(b.name, Rect(b.at.x - left, b.at.y - bottom, b.at.width, b.at.depth), b.power_w) for b in blocks
    ]
    right, top = (max(b.at.x + b.at.width for b in moved), max(b.at.y + b.at.depth for b in moved))
    return moved, Rect(0.0, 0.0, right, top)


def filled(blocks: Sequence[Block], die: Rect) -> list[Block]:
    """The blocks, and between them others without power that leave nothing of the die: HotSpot's have no holes."""
    xs = sorted({die.x, die.x + die.width, *(e for b in blocks for e in (b.at.x, b.at.x + b.at.width))})
    ys = sorted({die.y, die.y + die.depth, *(e for b in blocks for e in (b.at.y, b.at.y + b.at.depth))})
    added: list[Block] = []
    for low, high in pairwise(ys):
        start = None
        for left, right in pairwise([*xs, xs[-1]]):
            bare = right > left and not any(
                _holds(b.at, (left + right) / 2, (low + high) / 2) for b in blocks
            )
            if bare and start is None:
                start = left
            elif not bare and start is not None:
                added.append(Block(f"fill{len(added)}", Rect(start, low, left - start, high - low)))
                start = None
    return [*blocks, *added]


def _holds(at: Rect, x: float, y: float) -> bool:
    return at.x < x < at.x + at.width and at.y < y < at.y + at.depth


def floorplan_text(blocks: Sequence[Block]) -> str:
    """A floorplan file of these blocks."""
    rows = ((b.name, repr(b.at.width), repr(b.at.depth), repr(b.at.x), repr(b.at.y)) for b in blocks)
    return "".join("\t".join(row) + "\n" for row in rows)
