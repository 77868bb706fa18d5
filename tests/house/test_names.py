"""Basenames say what a file holds."""

from tests.house.sources import MODULES

EMPTY = {"cells", "points", "rows", "texts", "shown", "bring", "handover", "train", "weave", "deal"}
"""Names that this tree once had and nobody understood."""


def test_7_no_basename_says_nothing() -> None:
    assert {
        name for name, path in MODULES.items() if path.stem in EMPTY or path.parent.name in EMPTY
    } == set()
