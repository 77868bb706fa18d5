from typing import Any

import pytest

from bankside.arch import spec
from bankside.arch.spec import ConfigError, Spec, from_dict
from bankside.arch.spec.quantity import Quantity


class Holder(Spec):
    time: spec.Time = 0.0
    clock: spec.Frequency = 1.0
    size: spec.Bytes = 1
    bits: spec.Bits = 1
    drop: spec.TemperatureDifference = 0.0
    maybe: spec.Area | None = None


def read(key: str, value: Any) -> Any:
    return getattr(from_dict({key: value}, Holder).spec, key)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("time", "3.9 us", 3.9e-6),
        ("time", "0 s", 0.0),
        ("size", "2 KiB", 2048),
        ("size", "256 bit", 32),
        ("bits", "4 B", 32),
        ("drop", "-5 K", -5.0),
        ("maybe", "1 mm2", 1e-6),
        ("maybe", None, None),
    ],
)
def test_read(key: str, text: str | None, value: Any) -> None:
    result = read(key, text)
    assert result == value and type(result) is type(value)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("time", "-3 us", "a time cannot be negative, but got '-3 us'."),
        ("clock", "0 Hz", "a frequency must be above zero, but got '0 Hz'."),
        ("clock", "999 kHz", "a frequency is at least 1 MHz, but got '999 kHz'."),
        ("clock", "2 THz", "a frequency is at most 1 THz, but got '2 THz'."),
        ("time", "1.1 s", "a time is at most 1 s, but got '1.1 s'."),
        ("size", "0 B", "a size must be above zero, but got '0 B'."),
        ("size", "12 bit", "'12 bit' is not a whole number of B below 2^63."),
        ("size", "9000 PiB", "'9000 PiB' is not a whole number of B below 2^63."),
        ("time", 3, "expected a time such as '3.9 us', but 3 has no unit."),
        ("time", True, "expected a time such as '3.9 us', but got true."),
        ("time", None, "expected a time such as '3.9 us', but got nothing."),
        ("time", [1], "expected a time such as '3.9 us', but got a list."),
        ("time", {"a": 1}, "expected a time such as '3.9 us', but got a block of keys."),
    ],
)
def test_refuse(key: str, value: Any, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(key, value)
    assert caught.value.errors == [f"<dict>: {key}: {sentence}"]


def test_field_types_are_all_quantities_or_plain_numbers() -> None:
    for name in spec.__all__:
        kind = getattr(spec, name)
        for mark in getattr(kind, "__metadata__", ()):
            if isinstance(mark, Quantity):
                assert mark.read(mark.dimension.example) > 0 or mark.whole
