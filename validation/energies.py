"""Our values for claims about energies of single operations in a process, in the unit of each function."""

from bankside.arch.technology.process import load_process


def sram_pj(process: str, byte: int, bits: int = 64) -> float:
    """Energy of reading so many bits from an SRAM [pJ]."""
    return 1e12 * load_process(process).sram_read_j_per_byte(byte) * bits / 8


def sram_pj_per_bit(process: str, byte: int) -> float:
    """Energy of reading a bit from an SRAM [pJ/bit]."""
    return sram_pj(process, byte, 1)


def mac_pj(process: str, format: str) -> float:
    """Energy of a multiply-accumulate, without registers [pJ]."""
    return 1e12 * load_process(process).multiplier(format).energy
