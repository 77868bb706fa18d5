"""The unit `sram`: strided and random accesses by row."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.unit import sram


@pytest.mark.parametrize(
    ("accesses", "banks", "published"),
    [(4, 4, 2.125), (8, 8, 2.597), (16, 16, 3.078), (32, 32, 3.533), (16, 32, 2.392)],
)
def test_random_accesses(accesses: int, banks: int, published: float) -> None:
    for word in ({"stride": "random"}, {"random": "true"}):
        result = sram.run_case({"accesses": accesses, "banks": banks, "samples": 20000, "seed": 3} | word)
        assert result["cycles"] == pytest.approx(published, abs=6e-4)
        assert abs(result["mean_cycles"] - result["cycles"]) < 3 * result["standard_error"]


def test_strided_accesses() -> None:
    rows = [{"accesses": "64", "banks": "16", "stride": str(s)} for s in (1, 2, 3, 8, 16, 0)]
    assert [r["cycles"] for r in sram.run_cases(rows)] == [4, 8, 4, 32, 64, 64]
    assert sram.run_cases(rows)[3]["conflict_cycles"] == 28
    assert sram.run_case(rows[0] | {"granule": "8"})["cycles"] == 8
    assert sram.run_case(rows[4] | {"ports": "2"})["cycles"] == 32


def test_bad_cells_are_sentences() -> None:
    with pytest.raises(ConfigError) as caught:
        sram.run_cases(
            [{"accesses": "0", "banks": "x"}, {"accesses": "99999", "banks": "4", "random": "yes"}]
        )
    assert caught.value.errors == [
        "Row 1: accesses must be between 1 and 1099511627776, not 0.",
        "Row 1: banks must be a whole number, not 'x'.",
        "Row 2: accesses must be between 1 and 4096, not 99999.",
    ]


def test_more_draws_than_memory_holds_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        sram.run_case({"accesses": "4096", "banks": "9", "random": "on", "samples": "1000000"})
    assert caught.value.errors == ["samples x accesses may be 67108864 at most, not 4096000000."]
