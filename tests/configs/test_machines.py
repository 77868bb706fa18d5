"""Shipped machines: they load, every number has a source, published peaks come out, taps differ by the tap alone."""

import pytest

from bankside.arch.dram.channel.pim.program import PimProgram
from bankside.arch.dram.channel.pim.run import AHEAD, Controller, run_programs
from bankside.arch.dram.device.commands import MAC
from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.spec import CoreSpec, MachineSpec
from bankside.arch.pe.processor.unit import Processor
from bankside.arch.spec import ConfigError, load, names, path_of, unsourced
from bankside.arch.technology.clock import check_clock
from bankside.arch.technology.packaging import load_packaging
from bankside.arch.technology.process import ProcessSpec, load_process

SHIPPED = (
    "aim", "attacc-bank", "attacc-bg", "attacc-buffer", "attacc-gpu", "axdimm", "base-die", "cxl-pnm", "hbf-pnm",
    "hbm-pim", "gh200", "hmc-vault", "hybrid-3d", "lp5x-pim", "lpddr5-pim", "npu-lp5x", "npu-lpddr5", "npu-pim",
    "orin-agx", "sram-lpu", "tpu-like", "tpu-v4", "tpu-v5e", "upmem",
    "xpu-a100", "xpu-a100-40gb", "xpu-h100", "xpu-h200", "xpu-mi300x",
)  # fmt: skip


def spec_of(name: str) -> MachineSpec:
    return load(name, "machines", MachineSpec).spec


def process_of(spec: MachineSpec, core: CoreSpec) -> ProcessSpec:
    level = core.tap.split(".")[1]
    die = next((entry.die for entry in spec.path if entry.level == level and entry.die), spec.dies[0].name)
    return load_process(next(d.process for d in spec.dies if d.name == die))


def macs(core: CoreSpec) -> int:
    assert core.matmul is not None
    return core.matmul.peak()


def test_all_machines_of_this_stage_ship() -> None:
    assert set(SHIPPED) <= set(names("machines"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_number_has_a_source_and_a_confidence(name: str) -> None:
    loaded = load(name, "machines", MachineSpec)
    own = [path for path in unsourced(loaded) if ".device." not in path]
    assert own == []
    numbers = [
        (path, leaf) for path, leaf in loaded.sources.items()
        if isinstance(leaf.value, int | float) and not isinstance(leaf.value, bool) and ".device." not in path
    ]  # fmt: skip
    assert [path for path, leaf in numbers if leaf.confidence is None] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_processes_exist_and_clocks_and_formats_fit_them(name: str) -> None:
    spec = spec_of(name)
    assert isinstance(spec.cooler, str) and spec.cooler in load_packaging().coolers
    for die in spec.dies:
        load_process(die.process)
    for key, core in spec.cores.items():
        process = process_of(spec, core)
        assert check_clock(key, core.clock, process) is None
        if not isinstance(core.vector, Processor):  # its products are instructions
            for number_format in core.formats:
                process.multiplier(number_format)


@pytest.mark.parametrize(
    ("name", "core", "tflops"),
    [
        ("xpu-a100", "sm", 312.0),
        ("xpu-h100", "sm", 989.4),
        ("orin-agx", "sm", 42.6),
        ("xpu-mi300x", "sm", 1307.4),
        ("tpu-v4", "tensor", 275.2),
        ("tpu-v5e", "tensor", 197.0),
        ("tpu-like", "tensor", 137.6),
        ("sram-lpu", "tsp", 184.3),
        ("cxl-pnm", "pnm", 8.192),
    ],
)
def test_peak_rate_of_hosts_as_published(name: str, core: str, tflops: float) -> None:
    spec = spec_of(name).cores[core]
    assert 2 * macs(spec) * spec.per * spec.clock / 1e12 == pytest.approx(tflops, rel=0.001)


@pytest.mark.parametrize(
    ("name", "memory", "bytes_per_s", "capacity_byte"),
    [
        ("cxl-pnm", "lpddr", 1.1e12, 512 * 2**30),  # Park et al., HPCA 2024
        ("axdimm", "ddr", 51.2e9, 16 * 2**30),  # two ranks of DDR4-3200
        ("hbf-pnm", "hbf", 1.6e12, 512 * 2**30),  # SanDisk HBF Gen1
        ("xpu-a100-40gb", "hbm", 1.555e12, 40 * 2**30),  # GenZ system_configs.py
        ("xpu-mi300x", "hbm", 5.3e12, 192 * 2**30),
        ("tpu-v4", "hbm", 1.228e12, 32 * 2**30),
        ("tpu-v5e", "hbm", 820e9, 16 * 2**30),
        ("xpu-h200", "hbm", 4.8e12, 144 * 2**30),  # 141 GB of them are sold
        ("gh200", "hbm", 4.0e12, 96 * 2**30),
        ("orin-agx", "lpddr", 204.8e9, 64 * 2**30),
        ("npu-lpddr5", "lpddr", 51e9, 16 * 2**30),  # Ma & Patterson 2026, Table 3
        ("upmem", "mram", 1.75e12, 160 * 2**30),  # PrIM: 1.7 TB/s at 2556 DPUs, here 2560
    ],
)
def test_peak_bandwidth_and_capacity_as_published(
    name: str, memory: str, bytes_per_s: float, capacity_byte: int
) -> None:
    machine = load_machine(name)
    core = next(c for c in machine.cores.values() if c.memory.name == memory)
    found = machine.memories[memory]
    assert found.channels * found.channel_peak(core.level) == pytest.approx(bytes_per_s, rel=0.03)
    assert found.capacity_bytes == capacity_byte


def test_a_dpu_streams_its_bank_at_the_rate_of_long_transfers() -> None:
    """PrIM's law of 77 + bytes / 2 cycles gives 651 MB/s at 2 KB (628 measured); here row changes and refresh do."""
    machine = load_machine("upmem")
    standard = machine.memories["mram"].standard
    assert standard is not None
    columns, program = 128 * 200, PimProgram()
    for row in range(200):
        program.add(MAC, 0, row, range(128))
    end = run_programs(standard, [program.entries()], Controller(AHEAD)).slots
    assert columns * 8 / (end * standard.slot_fs / 1e15) / 1e6 == pytest.approx(
        2048 / (77 + 1024) * 350, rel=0.01
    )


def test_a_unit_of_hbm_pim_and_of_aim_computes_as_published() -> None:
    pcu, pu = spec_of("hbm-pim").cores["pcu"], spec_of("aim").cores["pu"]
    assert pcu.vector is not None and pu.vector is not None
    # 128 units of 16 lanes a stack: 1.2 TFLOPS; 32 units of 32 GFLOPS a chip: 1 TFLOPS
    assert 128 * 2 * pcu.vector.peak() * pcu.clock == pytest.approx(1.2e12, rel=0.03)
    assert 2 * pu.vector.peak() * pu.clock == 32e9


@pytest.mark.parametrize(("name", "tap"), [("attacc-bg", "hbm.bank_group"), ("attacc-buffer", "hbm.vault")])
def test_attacc_placements_state_nothing_but_the_tap(name: str, tap: str) -> None:
    lines = path_of(name, "machines").read_text().split("\n")
    assert [line for line in lines if line] == ["extends: attacc-bank", f"cores: {{pe: {{tap: {tap}}}}}"]
    bank, other = spec_of("attacc-bank"), spec_of(name)
    assert other.cores["pe"].tap == tap
    moved = bank.cores["pe"].model_copy(update={"tap": tap})
    assert other == bank.model_copy(update={"cores": {**bank.cores, "pe": moved}})


@pytest.mark.parametrize("tap", ["bank", "bank_group", "vault", "base", "host"])
def test_attacc_can_tap_every_level_of_its_path(tap: str) -> None:
    spec = load("attacc-bank", "machines", MachineSpec, [f"cores.pe.tap=hbm.{tap}"]).spec
    assert tap in [entry.level for entry in spec.path]
    assert check_clock("pe", spec.cores["pe"].clock, process_of(spec, spec.cores["pe"])) is None


def test_logic_of_every_core_fits_its_die() -> None:
    from bankside.arch.pe.core import core_area

    for name in SHIPPED:
        spec = spec_of(name)
        for core in spec.cores.values():
            level = core.tap.split(".")[1]
            if level not in ("base", "host"):
                continue
            area = core_area(core.units, process_of(spec, core), core.formats)
            die = next(e.die for e in spec.path if e.level == level)
            if die is not None:
                assert core.per * sum(area.values()) < next(d.area for d in spec.dies if d.name == die), name


@pytest.mark.parametrize(
    ("name", "tap", "sentence"),
    [
        ("base-die", "cores.pe.tap=hbm.bank", "scope bank, but the device of 'hbm' has none (pim.scopes)."),
        (
            "attacc-bg",
            "memories.hbm.device.pim.scopes=[bank]",
            "scope bank_group, but the device of 'hbm' has those of scope bank alone (pim.scopes).",
        ),
    ],
)  # fmt: skip
def test_a_tap_whose_pim_commands_the_device_lacks_is_refused(name: str, tap: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_machine(name, overrides=[tap])
    assert len(caught.value.errors) == 1
    assert "needs PIM commands of " + sentence in caught.value.errors[0]
