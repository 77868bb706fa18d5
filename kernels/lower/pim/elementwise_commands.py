"""Elementwise operations in the banks as PIM programs: add, multiply, ReLU, the registers of a unit at a time.

A register's column of the first operand is read for each register of the units, one of the second is added or
multiplied onto it, and the results are written back, slice after slice of the banks. Operands and
result lie in rows of their own.
Source: Samsung PIMSimulator b464dde, src/tests/PIMKernel.cpp (executeEltwise, computeAddOrMul, computeRelu).
"""

import numpy as np

from bankside.arch.dram.channel.pim.program import DATA, RESULT
from bankside.arch.dram.device.commands import MAC, PIM_WR
from bankside.arch.dram.device.session import (
    BANK,
    COLUMN,
    COMMAND,
    COUNT,
    FENCE,
    FIELDS,
    GAP,
    PURPOSE,
    ROW,
    steps,
)
from bankside.arch.dram.device.standard import Standard
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.pim.product import Moves, reserved_rows


def elementwise_program(
    standard: Standard, operands: int, bursts: int, registers: int, gap: int = 0, cursor: int = 0
) -> Moves:
    """Program of one channel for operands of `bursts` bursts each.

    Parameters
    ----------
    registers : int
        Registers of a unit, each of one column.
    gap : int
        Packed time between columns.
    cursor : int
        Number of the first free column of the banks.

    Raises
    ------
    ConfigError
        When operands and result do not fit the banks.
    """
    packed, columns = standard.packed[0], standard.columns
    slices, size = int(packed["slices"]), int(packed["slice_banks"])
    tiles = -(-bursts // (slices * size * standard.pseudo_channels * registers))
    rows, first = -(-tiles * registers // columns), -(-cursor // (columns * slices))
    free = standard.rows - reserved_rows(standard)
    if (operands + 1) * rows > free:
        raise ConfigError(
            [f"The operands need {(operands + 1) * rows} rows of each bank, and a bank has {free}."]
        )
    if columns % registers:
        raise ConfigError(
            [f"The {registers} registers of a unit do not divide the {columns} columns of a row."]
        )
    tile, s, operand = (
        values.ravel()
        for values in np.meshgrid(np.arange(tiles), np.arange(slices), np.arange(operands + 1), indexing="ij")
    )
    entries = np.zeros((len(tile), len(FIELDS)), dtype=np.int64)
    stores = operand == operands
    entries[:, COMMAND] = np.where(stores, PIM_WR, MAC)
    entries[:, BANK] = packed["member"][s * size]
    entries[:, ROW] = (first + operand * rows + tile * registers // columns) % free
    entries[:, COLUMN] = tile * registers % columns
    entries[:, COUNT] = entries[:, FENCE] = registers
    entries[:, PURPOSE] = np.where(stores, RESULT, DATA)
    entries[:, GAP] = np.where(stores, 0, gap)
    pim = standard.spec.pim
    assert pim is not None
    whole = np.concatenate([steps(standard.spec, pim.start), entries, steps(standard.spec, pim.stop)])
    read = operands * tiles * slices * registers
    return Moves(
        whole, 0, read, tiles * slices * registers, (first + (operands + 1) * rows) * columns * slices
    )
