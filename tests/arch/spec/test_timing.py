from typing import Any

import pytest

from bankside.arch.spec import ConfigError, Duration, Spec, Timing, from_dict


class Holder(Spec):
    t: Timing


@pytest.mark.parametrize(
    ("value", "duration"),
    [
        (14, Duration(cycle=14.0)),
        (14.5, Duration(cycle=14.5)),
        (0, Duration(cycle=0.0)),
        ("3.9 us", Duration(s=3.9e-6)),
    ],
)
def test_a_bare_number_counts_cycles(value: Any, duration: Duration) -> None:
    loaded = from_dict({"t": value}, Holder)
    assert loaded.spec.t == duration
    assert from_dict(loaded.spec.model_dump(mode="json"), Holder).spec == loaded.spec


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (-1, "a timing cannot be negative, but got '-1'."),
        ("-1 ns", "a timing cannot be negative, but got '-1 ns'."),
        ("14", "expected a time such as '3.9 us', but '14' has no unit."),
        (True, "expected a number of cycles or a time such as '3.9 us', but got true."),
        (None, "expected a number of cycles or a time such as '3.9 us', but got nothing."),
    ],
)
def test_refuse(value: Any, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        from_dict({"t": value}, Holder)
    assert caught.value.errors == [f"<dict>: t: {sentence}"]


def test_durations_convert_by_a_clock() -> None:
    assert Duration(cycle=14.0).seconds(2e9) == 7e-9
    assert Duration(s=7e-9).cycles(2e9) == 14.0
    assert Duration(cycle=3.0).cycles(1.0) == 3.0
    assert Duration(s=3.0).seconds(9.0) == 3.0
