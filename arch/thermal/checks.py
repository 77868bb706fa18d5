"""What is wrong with where blocks lie on a layer: sentences, each with the block that it is about."""

from collections.abc import Iterator, Sequence

from bankside.arch.thermal.layers import Block, Rect

SLACK = 1e-6
"""Share of the smaller side that edges may miss each other by: files have so many digits."""


def floorplan_faults(
    blocks: Sequence[Block], die: Rect, whole: bool = False
) -> Iterator[tuple[Block | None, str]]:
    """Blocks of no size or with a power that is none, beyond the die, over each other; with `whole`, holes."""
    slack_m = SLACK * min(die.width, die.depth)
    sound = True
    for block in blocks:
        at = block.at
        if not (at.width > 0 and at.depth > 0):
            sound = False
            yield block, f"the block {block.name} must have a width and a height above 0."
        elif not _inside(at, die, slack_m):
            sound = False
            yield (
                block,
                f"the block {block.name} reaches to ({_mm(at.x + at.width)}, {_mm(at.y + at.depth)}) mm from "
                f"({_mm(at.x)}, {_mm(at.y)}) mm, beyond its die of {_mm(die.width)} x {_mm(die.depth)} mm.",
            )
        if block.power_w < 0:
            yield block, f"the block {block.name} releases {block.power_w:g} W; no block takes heat out."
    for index, block in enumerate(blocks):
        for other in blocks[:index]:
            shared_m2 = block.at.overlap_m2(other.at)
            if shared_m2 > slack_m * min(die.width, die.depth):
                sound = False
                yield (
                    block,
                    f"the blocks {other.name} and {block.name} overlap over {shared_m2 * 1e6:.4g} mm2.",
                )
    bare_m2 = die.area_m2 - sum(block.at.area_m2 for block in blocks)
    if whole and sound and bare_m2 > 2 * SLACK * die.area_m2:
        yield (
            None,
            f"the floorplan has a hole: {bare_m2 * 1e6:.4g} of {die.area_m2 * 1e6:.4g} mm2 are in no block.",
        )


def _inside(at: Rect, die: Rect, slack_m: float) -> bool:
    return (
        at.x >= die.x - slack_m
        and at.y >= die.y - slack_m
        and at.x + at.width <= die.x + die.width + slack_m
        and at.y + at.depth <= die.y + die.depth + slack_m
    )


def _mm(metres: float) -> str:
    return f"{metres * 1e3:.4g}"
