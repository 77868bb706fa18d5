"""The closed lists agree with each other."""

from typing import get_args

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.device import commands
from bankside.arch.dram.device.sections import Command
from bankside.arch.dram.device.standard import CAUSE_BITS


def test_names_and_numbers_agree():
    assert all(getattr(commands, name) == index for index, name in enumerate(commands.COMMANDS))
    # a device file speaks of whole activations; their second half and CAS belong to controllers
    assert get_args(Command) == tuple(name for name in commands.COMMANDS if name not in ("ACT2", "CAS"))
    assert set(commands.COLUMN_COMMANDS) | set(commands.PIM_MODEL) <= set(commands.COMMANDS)


def test_causes_fit_the_low_bits_of_a_packed_time():
    assert N_CAUSE <= 1 << CAUSE_BITS
