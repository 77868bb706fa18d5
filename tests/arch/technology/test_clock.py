"""Clocks: silent where usual, a warning above, refused beyond the process's limit."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.arch.technology.clock import check_clock
from bankside.arch.technology.process import load_process


def test_usual_clocks_pass() -> None:
    assert check_clock("pe", 1e9, load_process("n7")) is None
    assert check_clock("pcu", 300e6, load_process("dram-2y")) is None


def test_unusual_clocks_warn_in_a_sentence() -> None:
    warning = check_clock("pe", 2e9, load_process("n7"))
    assert warning == "The core pe runs at 2 GHz; designs in FinFET logic at 7 nm usually run at 1.5 GHz."


def test_a_logic_clock_in_a_dram_die_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"core pe runs at 1 GHz, but logic in DRAM at 20 nm reaches 0\.5 GHz"
    ):
        check_clock("pe", 1e9, load_process("dram-2y"))
