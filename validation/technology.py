"""Our values for claims about processes, areas and energies of macros, units and operations, and about what stands on
the dies of machines; each in the unit of its name."""

from bankside.arch.machine.area import die_m2
from bankside.arch.machine.machine import Machine, load_machine
from bankside.arch.pe.bit_serial.unit import BitSerial
from bankside.arch.pe.systolic.unit import SystolicArrays
from bankside.arch.technology.process import load_process

MEBI = 1 << 20


def sram_mm2(process: str, byte: float) -> float:
    """Area of an SRAM of so many bytes [mm2]."""
    return 1e6 * load_process(process).sram_area_m2(byte)


def sram_mib_per_mm2(process: str, byte: int = MEBI) -> float:
    """Density of an SRAM macro [Mib/mm2]."""
    return 8 * byte / MEBI / sram_mm2(process, byte)


def sram_mb_per_mm2(process: str, byte: int = MEBI) -> float:
    """Density of an SRAM macro [MB/mm2]."""
    return byte / 1e6 / sram_mm2(process, byte)


def sram_pj(process: str, byte: int, bits: int = 64) -> float:
    """Energy of reading so many bits from an SRAM [pJ]."""
    return 1e12 * load_process(process).sram_read_j_per_byte(byte) * bits / 8


def sram_pj_per_bit(process: str, byte: int) -> float:
    """Energy of reading a bit from an SRAM [pJ/bit]."""
    return sram_pj(process, byte, 1)


def mac_pj(process: str, format: str) -> float:
    """Energy of a multiply-accumulate, without registers [pJ]."""
    return 1e12 * load_process(process).multiplier(format).energy


def array_mm2(process: str, rows: int, cols: int, format: str) -> float:
    """Area of a systolic array [mm2]."""
    return 1e6 * SystolicArrays(rows=rows, cols=cols).area_m2(load_process(process), (format,))


def element_um2(process: str, scheme: str, lanes: int) -> float:
    """Area of an element of so many bit-serial multipliers, laid out [um2]."""
    unit = BitSerial.model_validate({"scheme": scheme, "rows": 1, "group": lanes})
    return 1e12 * unit.area_m2(load_process(process), ("int8",))


def core_mm2(machine: str, core: str) -> float:
    """Area of the units of one core [mm2]."""
    found = load_machine(machine)
    return 1e6 * _of(found, core) / found.cores[core].count


def cores_percent(machine: str, core: str, carrying: int = 0) -> float:
    """Share of the dies that a kind of core stands on which it takes [%]; `carrying`: dies of a stack that have any."""
    found = load_machine(machine)
    die = next(die for die in found.spec.dies if die.name == found.cores[core].die)
    return 100 * _of(found, core) / die_m2(found, die) * die.count / (carrying or die.count)


def lost_percent(machine: str, core: str) -> float:
    """Share of a memory's capacity that units inside its dies replace [%]."""
    found = load_machine(machine, [f"cores.{core}.area=replaces capacity"])
    return 100 * found.cores[core].memory.lost


def interface_percent(machine: str, die: str) -> float:
    """Share of a die that controllers and PHYs take [%]."""
    found = load_machine(machine)
    on = next(each for each in found.spec.dies if each.name == die)
    taken = sum(m2 for block, m2 in found.blocks[die].items() if block.endswith(".interface"))
    return 100 * taken / die_m2(found, on)


def _of(machine: Machine, core: str) -> float:
    """Area of all units of a kind of core [m2]."""
    on = machine.blocks[machine.cores[core].die]
    return sum(m2 for block, m2 in on.items() if block.startswith(f"{core}."))
