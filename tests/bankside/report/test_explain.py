import re

import pytest
from tests.bankside.sample import result

from bankside.report.explain import sentences


def test_the_story_of_a_run() -> None:
    told = sentences(result(time_fs=10_000_000_000))
    assert told[0] == (
        "decode-attention  model llama-3-8b, context 8192, batch 1, bf16 takes 10.0 us on hybrid-3d "
        "(PNM, tapped at hbm.vault): 10,000 cycles of the pe clock of 1.00 GHz."
    )
    assert told[1] == "The lower bound is 6.00 us, set by dram bandwidth; the run reaches 60 % of it."
    assert told[2] == (
        "The time goes into: 60 % DRAM data bursts (dram_data), 30 % opening and closing DRAM rows "
        "(dram_act_pre), 10 % arithmetic (compute)."
    )
    assert told[3].endswith("without it the run would take at best 6.00 us, its lower bound.")
    assert told[4].endswith("without it the run would take at best 7.00 us.")
    assert told[-1] == "Mind: Temperature by 1-D series resistance."


@pytest.mark.parametrize("fraction", [0.05, 0.6, 0.9, 0.999, 1.0])
def test_nothing_is_promised_below_the_bound(fraction: float) -> None:
    data = result(time_fs=10_000_000_000)
    data["bound"] |= {"time_s": fraction * float(data["time_s"]), "fraction": fraction}
    promised = [re.search(r"at best ([0-9.]+) us", sentence) for sentence in sentences(data)]
    told_us = [float(found[1]) for found in promised if found]
    assert len(told_us) == 2
    assert min(told_us) >= 10 * fraction - 0.005


def test_waste_of_reads_is_told() -> None:
    data = result()
    data["bandwidth"]["dram"] |= {"bytes_read": 2 * 33_554_432}
    told = sentences(data)
    assert "Only 50 % of what is read is used." in told
    assert any(sentence.startswith("That is 2.00 times the operands") for sentence in told)


def test_heat_is_told() -> None:
    hot = {"peak_c": {"dram": 99.0}, "refresh_multiplier": 2, "feasible": False}
    told = sentences(result(thermal=hot))
    assert "It is so hot that DRAM refreshes 2.00 times as often." in told
    assert "This machine cannot run the kernel for ever: it becomes too hot." in told


def test_a_machine_without_dram_or_heat_is_explained_too() -> None:
    told = sentences(result(bandwidth={}, thermal={}, cycle_stack={}, ops=[]))
    assert "No time is charged to any cause." in told
