"""Power of boards: what is read off a run and how it is put together."""

import pytest

from bankside.validation import watts

GPU = "xpu-a100-40gb"


def test_a_slower_pace_spreads_the_same_energy_over_more_time() -> None:
    fast, slow = (watts.decode_w(GPU, "gpt2", 1, 256, ms) for ms in (1.0, 2.0))
    standing = watts.decode_w(GPU, "gpt2", 1, 256, 1e9)
    assert 80 < standing < 130
    assert slow - standing == pytest.approx((fast - standing) / 2, rel=1e-6)


def test_prompts_add_their_energy() -> None:
    alone = watts.decode_w(GPU, "gpt2", 1, 256, 1.0)
    assert watts.board_w(GPU, "gpt2", 1, 256, 1, 1.0) > alone
    with_prompt = watts.board_w(GPU, "gpt2", 1, 256, 64, 1.0)
    assert with_prompt > watts.board_w(GPU, "gpt2", 1, 0, 64, 1.0)


def test_a_board_of_two_gpus_is_one_of_them() -> None:
    one, two = (watts.decode_w("xpu-a100", "gpt2", 1, 256, 1.0, gpus) for gpus in (1, 2))
    assert one / 2 < two < one * 1.05
