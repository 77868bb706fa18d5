"""Elementwise operations in the banks of HBM-PIM: add, multiply, ReLU, one register of columns at a time.

Eight columns of the first operand are read into the registers of the units, eight of the second are added or
multiplied onto them, and eight results are written back, for the even banks and then for the odd ones.
Source: Samsung PIMSimulator b464dde, src/tests/PIMKernel.cpp (executeEltwise, computeAddOrMul, computeRelu).
"""

from typing import Final

from bankside.arch.dram.channel.pim.program import Entries
from bankside.arch.dram.device.standard import Standard
from bankside.kernels.lower.pim.session import REGISTERS, Session

OPERANDS: Final = {"add": 2, "mul": 2, "relu": 1}
"""Operands of each operation."""

CODE: Final = {"add": 8, "mul": 8, "relu": 6}
"""Instructions: one per operand and a NOP for each of even and odd banks, then JUMP and EXIT (PIMCmdGen.h)."""


def elementwise_hbm_pim(
    standard: Standard, operation: str, elements: int, channels: int, element_bytes: int = 2
) -> Entries:
    """Program of one of `channels` equal pseudo-channels for `elements` elements over all of them.

    Operands and result lie in regions of their own, spread over all banks.

    Raises
    ------
    ConfigError
        When they do not fit the banks.
    """
    operands = OPERANDS[operation]
    bursts = -(-elements * element_bytes // standard.burst_bytes)
    banks = standard.bank_groups * standard.banks_per_group
    tiles = -(-bursts // (banks * channels * REGISTERS))
    rows = -(-tiles * REGISTERS // standard.columns)
    session = Session(standard, (operands + 1) * rows)
    session.enter(CODE[operation])
    session.toggle()
    for tile in range(tiles):
        for s in range(2):
            for operand in range(operands):
                session.run(s, operand * rows, tile * REGISTERS)
            session.store(s, operands * rows, tile * REGISTERS)
    session.toggle()
    session.leave()
    return session.entries()
