"""Cells and rows that know where they stand, so that a sentence about them can say so."""

from collections.abc import Mapping
from typing import Any, Self


class Row(dict[str, Any]):
    """The cells of one line of a file; `place` begins every sentence about them: "cases.csv:7: "."""

    def __init__(self, cells: Mapping[str, Any], place: str) -> None:
        super().__init__(cells)
        self.place = place


class Cell(str):
    """The text of a cell that stands elsewhere than the rest of its row; `place` as of a row."""

    place: str

    def __new__(cls, text: str, place: str) -> Self:
        cell = super().__new__(cls, text)
        cell.place = place
        return cell
