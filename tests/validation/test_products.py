"""Statistics of errors by hand."""

import pytest

from bankside.validation.products import statistic_pct


@pytest.mark.parametrize(
    ("statistic", "expected"), [("median", 5.5), ("mean", 5.5), ("worst", 10.0), ("most", 10.0)]
)
def test_signs_do_not_count(statistic: str, expected: float) -> None:
    errors = [sign * each / 100 for each, sign in zip(range(1, 11), [1, -1] * 5, strict=True)]
    assert statistic_pct(errors, statistic) == pytest.approx(expected)
    assert statistic_pct([0.0] * 18 + [0.01, -0.5], "most") == pytest.approx(1.0)
