"""What a host takes for processors in its memory: straight between what was measured, whole words, calls."""

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.offload import OffloadSpec
from bankside.arch.spec import ConfigError


def upmem(*settings: str) -> OffloadSpec:
    offload = load_machine("upmem", list(settings)).primary.spec.offload
    assert offload is not None
    return offload


def test_launches_by_ranks() -> None:
    offload = upmem()
    assert [offload.ranks(dpus) for dpus in (1, 64, 65, 2048)] == [1, 1, 2, 32]
    assert offload.launch_s(1) == offload.launch_s(64) == pytest.approx(46.48e-6)
    assert offload.launch_s(2048) == pytest.approx(38.9e-6 + 32 * 7.58e-6)


def test_rates_rise_with_ranks_and_saturate() -> None:
    offload = upmem()
    for spec in (offload.scatter, offload.broadcast, offload.gather):
        rates = [spec.bytes_per_s(ranks) for ranks in range(1, 41)]
        assert rates == sorted(rates)
        assert rates[-1] < 3 * rates[0]  # never a rate a rank
        times = [spec.overhead_s(ranks) for ranks in range(1, 41)]
        assert times == sorted(times)
    assert offload.scatter.bytes_per_s(32) == offload.scatter.bytes_per_s(40) == 13.2e9


def test_a_transfer_is_whole_words_and_calls() -> None:
    moved = upmem().moved("scatter", 2048, 9)
    assert (moved.calls, moved.byte) == (1, 2048 * 16)
    assert moved.serial_s == pytest.approx(2048 * 16 / 13.2e9)
    pushed = upmem("cores.dpu.offload.push=64 B").moved("scatter", 2048, 1 << 18)
    assert pushed.calls == 4096
    assert pushed.call_s == pytest.approx(4096 * 517.6e-6)
    assert upmem().moved("gather", 64, 0).calls == 0


def test_ranks_rise() -> None:
    overhead = "cores.dpu.offload.gather.overhead=[{ranks: 2, time: 1 us}, {ranks: 2, time: 2 us}]"
    with pytest.raises(ConfigError, match="the ranks 2, 2 do not rise"):
        upmem(overhead)
