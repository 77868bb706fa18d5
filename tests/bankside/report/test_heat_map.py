"""Maps of dies as text."""

import io

from rich.console import Console
from tests.bankside.sample import result

from bankside.report.heat_map import HeatMaps


def shown(cells: list[list[float]]) -> list[str]:
    of = {
        "dx_mm": [10.0 / len(cells[0])] * len(cells[0]),
        "dy_mm": [5.0 / len(cells)] * len(cells),
        "cells": cells,
    }
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(HeatMaps(result(thermal={"map_c": {"logic": of}}), "mine"))
    return console.export_text().splitlines()


def test_every_cell_is_told_with_the_span_and_the_sides() -> None:
    lines = shown([[61.0, 62.25], [60.0, 75.0]])
    assert "on mine" in lines[0]
    assert lines[-3:] == ["logic: 60.0 to 75.0 degC over 10.0 x 5.0 mm", "  61.0  62.2", "  60.0  75.0"]


def test_of_fine_maps_the_hottest_of_each_few_is_told() -> None:
    cells = [[float(row * 40 + column) for column in range(40)] for row in range(20)]
    lines = shown(cells)
    assert len(lines[-1].split()) == 14 and float(lines[-1].split()[-1]) == cells[-1][-1]
    assert len([line for line in lines if line.startswith(" ")]) == 10
