"""Our values for claims about processors in the banks of UPMEM modules; each function gives one number in the unit that
it names. All are of runs on the shipped machine with fewer modules or DPUs."""

from typing import Any, Final

from bankside.kernels.catalog.catalog import build
from bankside.validation.bench import load_machine, simulate

MACHINE: Final = "upmem"
RANK: Final = 64
KERNEL: Final = ("compute", "dram_data", "sync")
"""Causes of what happens between launch and end, without them."""


def _run(dpus: int, settings: tuple[str, ...], name: str, **options: Any) -> dict[str, Any]:
    """A kernel on so many DPUs, in ranks of 64 where there are as many."""
    ranks = max(1, dpus // RANK)
    chips = 8 if dpus >= RANK else max(1, dpus // 8)
    levels = (
        f"memories.mram.device.levels.channel={chips}",
        f"memories.mram.device.levels.bank={min(8, dpus)}",
    )
    machine = load_machine(MACHINE, [f"memories.mram.stacks={ranks}", *levels, *settings])
    return simulate(build(name, **options), machine, duty=1e-3).to_dict()


def _kernel_s(result: dict[str, Any]) -> float:
    return sum(float(result["stack_fs"].get(cause, 0)) for cause in KERNEL) / 1e15


def gemv_row_us(dpus: int, columns: int = 64, few: int = 512, many: int = 1024) -> float:
    """Time of a further row of `columns` int32 on every DPU [us]."""
    times = [
        _kernel_s(_run(dpus, (), "gemv", m=rows * dpus, k=columns, format="int32")) for rows in (few, many)
    ]
    return 1e6 * (times[1] - times[0]) / (many - few)


def gemv_scaling() -> float:
    """Time of a further row of 64 int32 on each of 64 DPUs over that on each of 4 [x]."""
    return gemv_row_us(64) / gemv_row_us(4)


def element_ns(function: str, format: str, dpus: int = 64, few: int = 32768, many: int = 65536) -> float:
    """Time of a further element on every DPU [ns]."""
    times = []
    for each in (few, many):
        name = "elementwise" if function in ("add", "mul") else "traversal"
        times.append(_kernel_s(_run(dpus, (), name, function=function, elements=each * dpus, format=format)))
    return 1e9 * (times[1] - times[0]) / (many - few)


def link_gbyte_per_s(way: str, ranks: int, each_byte: int = 8 << 20) -> float:
    """Bytes of a long transfer of so many ranks over its time [GB/s]."""
    byte = ranks * RANK * each_byte
    return byte / float(_run(ranks * RANK, (), "transfer", way=way, bytes=byte)["time_s"]) / 1e9


def launch_us(dpus: int) -> float:
    """What a launch adds to the loop of processors [us]."""
    result = _run(dpus, (), "elementwise", function="add", elements=dpus << 20, format="int32")
    return float(result["stack_fs"]["launch"]) / 1e9


def transfer_ms(way: str, dpus: int, byte: int) -> float:
    """Time of a transfer of so many bytes of every DPU [ms]."""
    whole = byte if way == "broadcast" else byte * dpus
    return 1e3 * float(_run(dpus, (), "transfer", way=way, bytes=whole)["time_s"])


def pushed_ms(byte: int, push: int, dpus: int = 2048) -> float:
    """Time in which a matrix of so many bytes is sent in pushes of `push` bytes to each DPU [ms]."""
    settings = (f"cores.dpu.offload.push={push} B",)
    return 1e3 * float(_run(dpus, settings, "transfer", way="scatter", bytes=byte)["time_s"])


def gemv_ms(m: int, k: int, dpus: int = 2048, bits: int = 11) -> float:
    """Time of an int32 GEMV whose matrix rests, with its vectors' ways [ms]."""
    settings = (f"cores.dpu.vector.operand_bits={bits}",)
    return 1e3 * float(_run(dpus, settings, "gemv", m=m, k=k, format="int32")["time_s"])


def busy_ms(function: str, format: str, elements: int, dpus: int = 1) -> float:
    """Time from launch to end of a loop over so many elements of all DPUs [ms]."""
    name = "elementwise" if function in ("add", "mul") else "traversal"
    result = _run(dpus, (), name, function=function, elements=elements, format=format)
    return 1e3 * _kernel_s(result) + float(result["stack_fs"]["launch"]) / 1e12


def gemv_kernel_ms(m: int, k: int, dpus: int) -> float:
    """Time from launch to end of an int32 GEMV [ms]."""
    result = _run(dpus, (), "gemv", m=m, k=k, format="int32")
    return 1e3 * _kernel_s(result) + float(result["stack_fs"]["launch"]) / 1e12


def long_push_gbyte_per_s(way: str, few_byte: int = 524288, many_byte: int = 1179648) -> float:
    """Further bytes of a longer transfer of one rank over its further time [GB/s]."""
    times = [transfer_ms(way, RANK, byte) / 1e3 for byte in (few_byte, many_byte)]
    return RANK * (many_byte - few_byte) / (times[1] - times[0]) / 1e9


def module_w(m: int = 1 << 19, k: int = 4096) -> float:
    """Power of a module, its DRAM and its DPUs, while all of them multiply int32 [W]."""
    machine = load_machine(MACHINE)
    result = simulate(build("gemv", m=m, k=k, format="int32"), machine).to_dict()
    die = next(die for die in machine.spec.dies if die.name == "dram")
    density = float(result["thermal"]["density_w_per_mm2"]["dies"]["dram"])
    return density * die.area * 1e6 * die.count
