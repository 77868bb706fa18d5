"""Our values for claims about UPMEM: mechanisms, not numbers."""

import pytest

from bankside.validation import processors


def test_dpus_share_nothing() -> None:
    assert processors.gemv_row_us(4, few=64, many=128) == pytest.approx(
        processors.gemv_row_us(16, few=64, many=128), rel=1e-6
    )


def test_a_push_is_a_call() -> None:
    small, large = (processors.pushed_ms(1 << 22, push) for push in (64, 2048))
    assert small > 20 * large


def test_a_broadcast_costs_less_than_a_push_to_each() -> None:
    assert processors.transfer_ms("broadcast", 1984, 64) < processors.transfer_ms("scatter", 1984, 64)
