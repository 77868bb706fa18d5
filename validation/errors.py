"""What is said of many errors in one number."""

from collections.abc import Iterable
from statistics import mean, median
from typing import Final

SHARE: Final = 0.9


def statistic_pct(errors: Iterable[float], statistic: str) -> float:
    """The median, mean or worst of absolute errors [1], or the largest of the best 90 % of them (most) [%]."""
    ranked = sorted(abs(error) for error in errors)
    found = {
        "median": median(ranked),
        "mean": mean(ranked),
        "worst": ranked[-1],
        "most": ranked[int(SHARE * len(ranked))],
    }
    return 100 * found[statistic]
