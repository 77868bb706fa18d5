"""Times of tokens with a host time for each software stack."""

import pytest

from bankside.validation import paces

ROWS = (
    paces._Row("a", "x", 10.0, 12.0, mixed=False),
    paces._Row("b", "x", 20.0, 20.0, mixed=False),
    paces._Row("c", "x", 10.0, 15.0, mixed=False),
    paces._Row("d", "x", 8.0, 20.0, mixed=True),
    paces._Row("e", "y", 9.0, 6.0, mixed=False),
    paces._Row("f", "y", 9.0, 10.0, mixed=False),
)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        paces, "_rows", lambda stacks: tuple(row for row in ROWS if row.stack in stacks.split(","))
    )


@pytest.mark.usefixtures("measured")
def test_the_other_rows_of_a_stack_give_the_host_of_each() -> None:
    assert paces.errors("x") == {
        "a": pytest.approx(0.5 / 12),  # the others leave 0 and 5 ms
        "b": pytest.approx(3.5 / 20),
        "c": pytest.approx(-4 / 15),
    }


@pytest.mark.usefixtures("measured")
def test_rows_with_prompts_between_tokens_are_told_apart_and_give_no_host() -> None:
    assert paces.errors("x", mixed=True) == {"d": pytest.approx(-0.5)}  # 2 ms, not 3.5


@pytest.mark.usefixtures("measured")
def test_a_host_takes_no_less_than_nothing() -> None:
    assert paces.errors("x,y")["f"] == pytest.approx(-0.1)
    assert paces.errors("x,y")["e"] == pytest.approx(4 / 6)
    assert paces.error_pct("y", "worst") == pytest.approx(400 / 6)
    assert paces.error_pct("x", "median") == pytest.approx(17.5)
