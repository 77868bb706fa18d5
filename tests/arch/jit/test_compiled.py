"""Garbage of compiling waits until all is looked at."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from bankside.arch.jit.compiled import _uncollected


class Ring:
    """Refers to itself: counting does not free it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_garbage_is_left_and_found_later() -> None:
    assert gc.isenabled()
    with _uncollected():
        assert not gc.isenabled()
        with _uncollected():  # a callee
            ring = weakref.ref(Ring())
        assert not gc.isenabled()
        many = [[each] for each in range(10 * gc.get_threshold()[0])]
    assert gc.isenabled() and not gc.get_freeze_count()
    many.append([[each] for each in range(10)])
    assert ring() is not None
    gc.collect()
    assert ring() is None


def test_what_a_process_has_frozen_stays_frozen() -> None:
    gc.freeze()
    before = gc.get_freeze_count()
    with _uncollected():
        pass
    assert gc.isenabled() and gc.get_freeze_count() == before


def test_a_process_that_never_collects_goes_on_so() -> None:
    gc.disable()
    try:
        with _uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
