"""A memo makes each value once, and forgets what was not asked for longest."""

from bankside.kernels.mapping.memo import Memo


def test_values_are_made_once_and_the_least_asked_for_goes() -> None:
    memo, made = Memo(2), []

    def value(key: str) -> str:
        return memo.get(key, lambda: made.append(key) or key.upper())  # type: ignore[func-returns-value]

    assert [value(key) for key in "abab"] == ["A", "B", "A", "B"]
    assert made == ["a", "b"]
    value("a")
    value("c")
    assert len(memo) == 2
    value("a")
    value("b")
    assert made == ["a", "b", "c", "b"]
