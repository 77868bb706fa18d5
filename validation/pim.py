"""Our values for claims about PIM commands; each function gives one number in the unit it names."""

from typing import Any, Final

from bankside.arch.dram.channel.pim.controller import FENCED, Controller
from bankside.arch.dram.channel.pim.program import NO_ROW, PimProgram
from bankside.arch.dram.channel.pim.run import run_programs
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR
from bankside.kernels.catalog.catalog import build
from bankside.unit import pim
from bankside.validation.bench import load_machine, simulate

CONTROLLER: Final = Controller(FENCED)
ALIKE: Final = (
    "memories.gddr.device.refresh={mode: off}",
    "path.host.network.link.latency=0 ns",
    "path.host.network.link.bandwidth=100 TB/s",
    "cores.pu.launch=0 s",
)
"""What makes `aim` comparable with simulators that refresh nothing and count no card."""
IN_DRAM: Final = ("activation", "array_to_bank", "bank_to_pads", "phy", "interface")


def result(column: str, **case: str | int | float | bool) -> float:
    """A result column of the unit pim for a case [unit of the column]."""
    return float(pim.run_case(case)[column])


def share_of_peak_pct(workload: str) -> float:
    """Share of the time of a PIM kernel in which columns of data stream [%]."""
    done = pim.run_case({"workload": workload})
    return 100 * float(done["PIM_dram_data"]) / float(done["cycles_PIM"])


def over_host(workload: str) -> float:
    """Time of a workload on a host of HBM-PIM that reads its operands in order over that at the banks [x]."""
    done = pim.run_case({"workload": workload, "channels": 64})
    return float(done["cycles_host_no_PIM"]) / float(done["cycles_PIM"])


def slowdown(L: int, nhead: int, slow: str, fast: str, dhead: int = 128) -> float:
    """Cycles of attention at one placement over those at another (a placement, `BA off` without power limit)."""
    clocks = []
    for name in (slow, fast):
        placement, _, power = name.partition(" ")
        case = {
            "pim_type": placement,
            "L": L,
            "nhead": nhead,
            "dhead": dhead,
            "power_constraint": power != "off",
        }
        clocks.append(float(pim.run_case(case)["cycles"]))
    return clocks[0] / clocks[1]


def _at_banks(machine: str, settings: tuple[str, ...], name: str, **kernel: Any) -> dict[str, Any]:
    return simulate(build(name, **kernel), load_machine(machine, list(settings)), duty=1e-3).to_dict()


def aim_row_clocks(rows: int = 64) -> float:
    """Clocks from a row of 64 MACs of all banks to the next, refresh off [clock]."""
    standard = load_machine("aim", ["memories.gddr.device.refresh={mode: off}"]).memories["gddr"].standard
    assert standard is not None
    ends = []
    for count in (rows, 2 * rows):
        program = PimProgram()
        for row in range(count):
            program.add(MAC, 0, row, range(standard.columns))
        ends.append(run_programs(standard, [program.entries()], CONTROLLER).slots)
    return (ends[1] - ends[0]) / rows


def aim_group_clocks(groups: int = 32) -> float:
    """Clocks of a bias, a row of MACs and a result, one after the other, refresh off [clock]."""
    standard = load_machine("aim", ["memories.gddr.device.refresh={mode: off}"]).memories["gddr"].standard
    assert standard is not None
    ends = []
    for count in (groups, 2 * groups):
        program = PimProgram()
        for row in range(count):
            for command, at in ((PIM_WR, NO_ROW), (MAC, row), (PIM_RD, NO_ROW)):
                program.add(command, 0, at, range(standard.columns if command == MAC else 1))
                program.fence()
        ends.append(run_programs(standard, [program.entries()], CONTROLLER).slots)
    return (ends[1] - ends[0]) / groups


def aim_gemv_us(m: int, k: int) -> float:
    """Time of a bf16 GEMV until the last result is asked for, refresh off and no way to the card's controller [us]."""
    read_s = 50 / 2e9  # tCL, after which ours ends: the tool stops with the command
    return 1e6 * (float(_at_banks("aim", ALIKE, "gemv", m=m, k=k)["time_s"]) - read_s)


def aim_floor_fraction(m: int, k: int) -> float:
    """Rows of MACs of a GEMV at 226 clocks each over the time of the run, refresh off [1]."""
    rows = -(-m // 512) * -(-k // 1024)
    return rows * 226 / 2e9 / float(_at_banks("aim", ALIKE, "gemv", m=m, k=k)["time_s"])


def aim_layer_us(context: int) -> float:
    """Time of a layer of Llama-2-7B, refresh off and no way to the card's controller [us]."""
    return 1e6 * float(_at_banks("aim", ALIKE, "layer", model="llama-2-7b", context=context)["time_s"])


def aim_token_mj(context: int) -> float:
    """Energy of 32 layers of Llama-2-7B in the DRAM and its interfaces, without units, background and card [mJ]."""
    spent = _at_banks("aim", ALIKE, "layer", model="llama-2-7b", context=context)["energy"]["parts_j"]
    return 32e3 * sum(float(spent.get(part, 0)) for part in IN_DRAM)


def lp5x_gain(fence: int, weights: str = "int8") -> float:
    """Time of reading the weights of a 4096 x 4096 GEMV in order over that of the GEMV at the banks, with fences of so
    many nanoseconds [x]."""
    kernel = {"m": 4096, "k": 4096, "format": "int8"}
    read = _at_banks("npu-lp5x", ("cores.npu.launch=0 s",), "gemv", **kernel)
    bytes_per_s = 4096 * 4096 / float(read["time_s"])
    settings = f"memories.lpddr.controller.pim.fence={fence} ns", "cores.pim.launch=0 s"
    own = _at_banks("lp5x-pim", settings, "gemv", weights_format=weights, **kernel)
    byte = 4096 * 4096 * (0.5 if weights == "int4" else 1)
    return byte / bytes_per_s / float(own["time_s"])


def lp5x_decode_gain(packages: int = 2) -> float:
    """Tokens a second of Llama-3-8B with weights of int4 and activations of int8 at the banks over those of the NPU,
    320 tokens of context and so many packages, which the published tokens a second need [x]."""
    settings = f"memories.lpddr.stacks={packages}", f"path.host.network.link.bandwidth={76.8 * packages} GB/s"
    kernel = {"model": "llama-3-8b", "context": 320, "format": "int8", "weights_format": "int4"}
    npu, own = (
        _at_banks(name, settings, "decode-step", **kernel)["time_s"] for name in ("npu-lp5x", "lp5x-pim")
    )
    return float(npu / own)


def inside_over_outside(machine: str) -> float:
    """Peak at the tap of the units over that of the host's link [x]."""
    result = _at_banks(machine, (), "gemv", m=512, k=1024)
    compiled = load_machine(machine)
    _, network = compiled.network("host")
    assert network is not None
    return float(result["bandwidth"]["dram"]["peak_Bps"] / network.link.bytes_per_s)


LOOKED_UP: Final = (
    "memories.ddr.controller={policy: frfcfs-rowhit, depth: 64}",
    "memories.ddr.address=[row, bank, bank_group, column, channel]",
)
"""A controller that takes row hits first, and rows of tables that lie in one row of the DRAM each."""


def axdimm_gain(dim: int = 64) -> float:
    """Time of embeddings whose rows of fp32 are read over the channel of a DDR4 module over that of the units at its
    two ranks, launched by registers [x]."""
    host = "cores.ndp.tap=ddr.host", "cores.ndp.per=2", "cores.ndp.launch=0 s"
    kernel = {"tables": 8, "rows": 1_000_000, "dim": dim, "batch": 16, "pooling": 80}
    outside, beside = (
        float(_at_banks("axdimm", (*LOOKED_UP, *settings), "embedding", **kernel)["time_s"])
        for settings in (host, ())
    )
    return outside / beside
