"""On what machines stand: counted by the word with which a source begins, and said where units are in the DRAM."""

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.standing import standing_sentence, stands_on


@pytest.mark.parametrize(
    ("name", "most"),
    [("upmem", "silicon"), ("aim", "simulator"), ("hbm-pim", "vendor"), ("lp5x-pim", "vendor")],
)
def test_pim_machines_say_on_what_they_stand(name: str, most: str) -> None:
    counts = stands_on(load_machine(name))
    assert counts[most] >= 5
    assert counts["assumed"] > 0
    assert ("silicon" in counts) is (name == "upmem")


def test_a_sentence_says_so_of_pim_and_of_products_beside_dram() -> None:
    said = standing_sentence(load_machine("aim"))
    assert said.startswith("aim stands on ") and said.endswith("No constant of it was measured on silicon.")
    assert standing_sentence(load_machine("upmem")).endswith(".")
    for name in ("axdimm", "cxl-pnm"):
        assert " vendor, " in standing_sentence(load_machine(name))
    for name in ("xpu-h100", "base-die", "npu-lp5x"):
        assert standing_sentence(load_machine(name)) == ""
