"""Any number of a device file may be absurd: it is refused in a sentence, or kernels can count with what it gives."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from bankside.arch.dram.device.checks import MAX_LATENCY_SLOT
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.dram.flash.device import FlashSpec, compile_flash
from bankside.arch.spec import ConfigError, load

NUMBERS = ("1e308", str(1 << 62), "1000000000", "-1", ".nan")
DEVICES = ("hbm2-pim", "lpddr5", "hbf")
"""Two command buses and PIM with modes; a data clock that stops; flash."""


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted paths of a file's values, with the value."""
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list | tuple):
        children = enumerate(value)
    else:
        yield path, value
    for key, child in children:
        yield from leaves(child, f"{path}.{key}" if path else str(key))


def absurd(value: Any) -> list[str]:
    """What to write in the place of a number, or of a number and its unit."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return list(NUMBERS)
    number, _, unit = value.partition(" ") if isinstance(value, str) else ("", "", "")
    try:
        float(number)
    except ValueError:
        return []
    return [f"{each} {unit}".strip() for each in NUMBERS]


@pytest.mark.parametrize("name", DEVICES)
def test_an_absurd_number_is_refused_or_counted(name: str) -> None:
    kind = FlashSpec if name == "hbf" else DeviceSpec
    shipped = load(name, "devices", kind).spec.model_dump(mode="json", exclude_none=True)
    tried = refused = 0
    for path, value in leaves(shipped):
        for text in absurd(value):
            tried += 1
            try:
                spec = load(name, "devices", kind, (f"{path}={text}",)).spec
                packed = (
                    compile_flash(spec) if isinstance(spec, FlashSpec) else compile_standard(spec)
                ).packed
            except ConfigError as error:
                refused += 1
                assert all(len(sentence) < 600 for sentence in error.errors)
                continue
            for field in (
                "burst",
                "read_latency",
                "write_latency",
                "switch",
                "wake",
                "sense",
                "program",
            ):
                if field in packed.dtype.names:
                    assert 0 <= packed[0][field] <= 1 << 41
            if "rule" in packed.dtype.names:
                assert np.abs(packed[0]["rule"][:, 2] >> 5).max() <= 2 * MAX_LATENCY_SLOT
    assert tried > 50
    assert refused > tried / 3


@pytest.mark.parametrize(
    ("override", "place"),
    [
        ("timings.tRP=1e308 ns", "timings.tRP"),
        ("timings.tRP=5000000000", "tRP is 5e+09 tCK; at most 4194304 are supported."),
        ("burst.cycles=1e30", "burst.cycles is 1e+30 tCK; at most 4194304 are supported."),
        (f"constraints.6.latency.2={1 << 62}", "4.61169e+18 slots of the command clock; at most"),
    ],
)
def test_long_times_are_told_with_their_place(override: str, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load("ddr4-2400", "devices", DeviceSpec, (override,))
    assert place in str(caught.value)
