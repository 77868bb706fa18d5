"""Devices as other memory simulators describe them: DRAMsim3 and PIMSimulator .ini, Ramulator 2 YAML."""

from typing import Final

from bankside.arch.dram.device.foreign.dramsim3 import PROTOCOLS, SECTION, read_dramsim3
from bankside.arch.dram.device.foreign.ini import entries
from bankside.arch.dram.device.foreign.pimsimulator import read_pimsimulator
from bankside.arch.dram.device.foreign.ramulator2 import KEY, read_ramulator2
from bankside.arch.spec.errors import Complaint
from bankside.arch.spec.foreign import TEXTS, TREES
from bankside.arch.spec.node import Node

KIND: Final = "devices"


def read_ini(text: str, label: str, complaints: list[Complaint]) -> Node:
    """A .ini by its sections: DRAMsim3 has them, PIMSimulator none."""
    found = entries(text, label)
    reader = read_dramsim3 if any(section == SECTION for section, _ in found) else read_pimsimulator
    return reader(found, label, complaints)


TEXTS[KIND, ".ini"] = read_ini
TREES[KIND, KEY] = read_ramulator2

__all__ = ["PROTOCOLS", "read_ini"]
