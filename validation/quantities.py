"""Our values for claims: each function gives one number in the unit that its docstring names."""

from pathlib import Path
from typing import Final

from bankside.arch.machine.area import die_m2
from bankside.arch.machine.machine import Machine
from bankside.arch.pe.bit_serial.unit import BitSerial
from bankside.arch.pe.systolic.unit import SystolicArrays
from bankside.arch.technology.process import load_process
from bankside.kernels.catalog.catalog import build
from bankside.kernels.formats import FORMATS
from bankside.kernels.models import load as load_model
from bankside.kernels.models import parameters
from bankside.validation.bench import load_machine

MEBI: Final = 1 << 20
_CHECKPOINTS: Final = Path(__file__).parent / "checkpoints" / "models"


def kv_kbyte_per_token(model: str, format: str = "bf16") -> float:
    """KV cache of one token over all layers [kB = 1000 byte]."""
    return load_model(model).kv_bytes_per_token(FORMATS[format]) / 1000


def checkpoint_parameters(model: str) -> float:
    """Parameters of a model whose config.json stands in checkpoints/models."""
    return float(parameters(load_model(_CHECKPOINTS / f"{model}.json")).total)


def checkpoint_kv_elements(model: str) -> float:
    """Elements that all layers of such a model cache per token."""
    return float(load_model(_CHECKPOINTS / f"{model}.json").kv_elements_per_token)


def kv_kibyte_per_token(model: str, format: str = "bf16") -> float:
    """KV cache of one token over all layers [KiB = 1024 byte]."""
    return load_model(model).kv_bytes_per_token(FORMATS[format]) / 1024


def layer_intensity(model: str, context: int, part: str, format: str = "int8") -> float:
    """FLOP per least byte of the projections of one prefill layer in `part` ("attn" or "mlp") [FLOP/byte]."""
    kernel = build("layer", model=model, context=context, stage="prefill", format=format)
    flops = least_byte = 0
    for count, operator in kernel.operators():
        if operator.label.startswith(f"{part}.") and operator.label.endswith("_proj"):
            flops += count * operator.flops
            least_byte += count * operator.bytes_min
    return flops / least_byte


def stack_gbyte_per_s(device: str, clock: str | None = None) -> float:
    """Peak bandwidth of one stack at its interface, from the device's own burst and timings [GB/s].

    `clock` sets the command clock where the published speed grade is another than the file's.
    """
    from bankside.arch.dram.device.device import DeviceSpec
    from bankside.arch.dram.device.peak import peak_bytes_per_s
    from bankside.arch.dram.device.standard import compile_standard
    from bankside.arch.spec import load

    overrides = [] if clock is None else [f"clock={clock}"]
    standard = compile_standard(load(device, "devices", DeviceSpec, overrides).spec)
    return float(peak_bytes_per_s(standard, "vault")) * standard.channels / 1e9


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
