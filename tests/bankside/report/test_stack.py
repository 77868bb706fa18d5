from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.causes import CAUSES
from bankside.report.causes import LOOKS, look
from bankside.report.stack import apportion, bar, legend, wrapped


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
    assert bar(stack, 8, coloured=False).plain == "CCDDDDDD"
    assert bar(stack, 8, coloured=True).plain == "█" * 8
    assert [str(span.style) for span in bar(stack, 8, coloured=True).spans] == [
        look("compute").colour,
        look("dram_data").colour,
    ]


def test_an_unknown_cause_is_shown_last_and_marked() -> None:
    assert bar({"of_a_later_version": 1, "compute": 1}, 2, coloured=False).plain == "C?"


def test_the_legend_gives_the_largest_share_of_any_machine() -> None:
    entries = legend([{"compute": 1, "launch": 3}, {"compute": 9, "launch": 1}], coloured=False)
    assert [entry.plain for entry in entries] == ["C compute up to 90 %", "= launch up to 75 %"]


def test_legend_entries_are_never_broken() -> None:
    entries = legend([dict.fromkeys(CAUSES, 1)], coloured=False)
    lines = wrapped(entries, 50)
    assert max(len(line) for line in lines) <= 50
    assert "   ".join(line.plain for line in lines) == "   ".join(entry.plain for entry in entries)
