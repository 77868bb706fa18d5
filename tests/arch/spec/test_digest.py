import re
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pytest
from tests.arch.spec.sample import DEVICE, MACHINE, Device, Machine

from bankside.arch.spec import digest_of, digest_of_content, from_text


def digest(text: str) -> str:
    return from_text(text, Device).digest


def test_what_does_not_matter() -> None:
    base = digest("{name: d, clock: 1 GHz, timings: {tRC: 48, tRCD: 14 ns}}")
    assert re.fullmatch("[0-9a-f]{16}", base)
    assert digest("{timings: {tRCD: 14 ns, tRC: 48}, clock: 1 GHz, name: d}") == base
    assert digest("{name: d, clock: 1000 MHz, timings: {tRC: 48.0, tRCD: 0.014 us}}") == base
    assert (
        digest("{name: d, clock: {value: 1 GHz, source: x}, timings: {_source: y, tRC: 48, tRCD: 14 ns}}")
        == base
    )
    assert digest("{name: d, tighten: false, clock: 1 GHz, timings: {tRC: 48, tRCD: 14 ns}}") == base


def test_what_matters() -> None:
    texts = [
        "name: d\n" + DEVICE,
        "name: e\n" + DEVICE,
        "name: d\n" + DEVICE.replace("48", "49"),
        "name: d\n" + DEVICE.replace("tRCD", "tRP"),
        "name: d\n" + DEVICE.replace("14 ns", "14"),
    ]
    assert len({digest(text) for text in texts}) == len(texts)


def test_several_specifications_have_one_digest() -> None:
    device, machine = from_text("name: d\n" + DEVICE, Device).spec, from_text(MACHINE, Machine).spec
    assert digest_of(device, machine) != digest_of(machine, device)
    assert digest_of(device) == from_text("name: d\n" + DEVICE, Device).digest


def test_the_digest_is_the_same_everywhere() -> None:
    """A changed value means that stored results are found no more: change it knowingly."""
    assert digest("name: d\n" + DEVICE) == "26d7daf6688ba4e8"


class Mode(Enum):
    A = 1
    B = 1.5


@dataclass(frozen=True)
class One:
    a: object


@dataclass(frozen=True)
class Other:
    a: object


def test_contents_that_differ_have_different_digests() -> None:
    device = from_text("name: d\n" + DEVICE, Device).spec
    contents: list[object] = [
        None,
        True,
        1,
        1.0,
        "1",
        "",
        0,
        -0.0,
        0.0,
        1e-300,
        (),
        ((),),
        ("1", "2"),
        ("12",),
        {},
    ]
    contents += [{"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": {"b": 2}}, ("a", 1, "b", 2), (("a", 1), ("b", 2))]
    contents += [Mode.A, Mode.B, One(1), Other(1), One((1,)), device, digest_of(device)]
    contents += [np.arange(4), np.arange(4.0), np.arange(4).reshape(2, 2), np.arange(4, dtype=np.int32)]
    digests = [digest_of_content(content) for content in contents]
    assert len(set(digests)) == len(contents)
    assert digests == [digest_of_content(content) for content in contents]


@pytest.mark.parametrize("unseen", [{1, 2}, object(), print, One, b"", np.array([object()])])
def test_content_that_cannot_be_seen_is_no_content(unseen: object) -> None:
    with pytest.raises(TypeError, match="content of a"):
        digest_of_content({"a": (One(unseen),)})
