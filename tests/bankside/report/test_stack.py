import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bankside.arch.causes import CAUSES
from bankside.report.causes import LOOKS, look
from bankside.report.stack import Paint, apportion, bar, legend, mark, paint, wrapped


def test_every_cause_has_its_own_letter_and_colour() -> None:
    assert tuple(LOOKS) == CAUSES
    assert len({appearance.letter for appearance in LOOKS.values()}) == len(CAUSES)
    assert len({appearance.colour for appearance in LOOKS.values()}) == len(CAUSES)


@given(st.lists(st.integers(0, 2**60), min_size=1, max_size=23).filter(any), st.integers(1, 200))
def test_a_bar_is_filled_exactly_and_in_proportion(amounts: list[int], width: int) -> None:
    cells = apportion(amounts, width)
    assert sum(cells) == width
    for amount, part in zip(amounts, cells, strict=True):
        assert abs(part - amount * width / sum(amounts)) <= 1.0


def test_letters_without_colour_and_blocks_with() -> None:
    stack = {"dram_data": 30, "compute": 10}
    assert bar(stack, 8, Paint.LETTERS).plain == "CCDDDDDD"
    assert bar(stack, 8, Paint.BLOCKS).plain == "█" * 8
    assert [str(span.style) for span in bar(stack, 8, Paint.BLOCKS).spans] == [
        look("compute").colour,
        look("dram_data").colour,
    ]


def test_an_unknown_cause_is_shown_last_and_marked() -> None:
    assert bar({"of_a_later_version": 1, "compute": 1}, 2, Paint.LETTERS).plain == "C?"


def test_the_legend_gives_the_largest_share_of_any_machine() -> None:
    entries = legend([{"compute": 1, "launch": 3}, {"compute": 9, "launch": 1}], Paint.LETTERS)
    assert [entry.plain for entry in entries] == ["C compute up to 90 %", "= launch up to 75 %"]


def test_legend_entries_are_never_broken() -> None:
    entries = legend([dict.fromkeys(CAUSES, 1)], Paint.LETTERS)
    lines = wrapped(entries, 50)
    assert max(len(line) for line in lines) <= 50
    assert "   ".join(line.plain for line in lines) == "   ".join(entry.plain for entry in entries)


@pytest.mark.parametrize("system", ["standard", "windows", "256", "truecolor"])
def test_s12_no_two_causes_look_alike_however_few_the_colours(system: Any) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system=system, legacy_windows=False)
    looks = set()
    for cause in CAUSES:
        with console.capture() as shown:
            console.print(mark(cause, 1, paint(console)))
        looks.add(re.sub(r"[A-Za-z=](?=\x1b\[0m)", "", shown.get()))
    assert len(looks) == len(CAUSES)  # by colour alone, without the letters


def test_what_a_terminal_can_show_decides() -> None:
    def on(**options: Any) -> Paint:
        return paint(Console(file=io.StringIO(), **options))

    assert on() is Paint.LETTERS
    assert on(force_terminal=True, color_system="standard") is Paint.SIXTEEN
    assert on(force_terminal=True, color_system="truecolor") is Paint.BLOCKS
    assert on(force_terminal=True, color_system="truecolor", no_color=True) is Paint.LETTERS


def test_s12_in_sixteen_colours_bars_are_letters_in_colour() -> None:
    shown = bar({"dram_data": 30, "compute": 10}, 8, Paint.SIXTEEN)
    assert shown.plain == "CCDDDDDD"
    assert [str(span.style) for span in shown.spans] == ["blue reverse", "red reverse"]
