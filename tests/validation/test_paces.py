"""Times of tokens with a host time for each software stack."""

import pytest

from bankside.validation import paces

ROWS = (
    ("a", "x", 10.0, 12.0),
    ("b", "x", 20.0, 20.0),
    ("c", "y", 9.0, 6.0),
    ("d", "y", 9.0, 10.0),
    ("e", "y", 1.0, 2.0),
)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        paces, "_rows", lambda stacks: tuple(row for row in ROWS if row[1] in stacks.split(","))
    )


@pytest.mark.usefixtures("measured")
def test_the_first_row_of_a_stack_gives_its_host_and_is_not_counted() -> None:
    assert paces.errors("x") == {"b": pytest.approx(0.1)}


@pytest.mark.usefixtures("measured")
def test_a_host_takes_no_less_than_nothing() -> None:
    assert paces.errors("x,y") == {
        "b": pytest.approx(0.1),
        "d": pytest.approx(-0.1),
        "e": pytest.approx(-0.5),
    }
    assert paces.error_pct("x,y", "median") == pytest.approx(10)
    assert paces.error_pct("x,y", "worst") == pytest.approx(50)
