"""Runs that are refused before they begin, with a sentence for each fault: what the checks of the models are for."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.arch.dram.device.foreign_files import WRONG

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

HBM: Final = "memories.hbm.device"
PIM: Final = f"{HBM}.pim"
FLASH: Final = "memories.hbf.flash"
WIRE: Final = "link: {width: 256 bit, clock: 1 GHz"

SETTINGS: Final[list[tuple[str, str]]] = [
    *(
        ("base-die", f"{HBM}.{setting}")
        for setting in (
            "levels.vault=16", "levels.bank=512", "levels.row=1099511627776", "timings.tRRD_S=99", "timings.tRP=1e9",
            "constraints.0.latency=[tNONE]", "constraints.0.window=3", "constraints=[]", "refresh.interval=tNONE",
            "timings.tRFC=999999", "refresh.mode=twice", "refresh={mode: per_bank, bank_interval: tRREFD}",
            "command_bus=[row]", "read_latency=[-9]", "timings.tRP=1 parsec", "timings.tRP=[]", "clock=5 GHZ",
            "burst.bytes=1.5", "burst.bytes=true", "clock=-1 GHz", "timings.tREFI=400", "timings.tRP=4194305",
            f"refresh.mode=per_bank | {HBM}.timings.tREFIpb=0", f"refresh.mode=per_bank | {HBM}.timings.tREFIpb=1",
            f"constraints.9.window=4 | {HBM}.constraints.9.sibling=true",
            "constraints.0.latency=[34359738368]", "energy.activate=3 nJs", "energy.activate=3",
        )
    ),
    *(
        ("hbm-pim", f"{PIM}.{setting}")
        for setting in (
            "enter.0.banks=[99]", "enter.0.row=1000000", "enter.0.column=500", "scopes=[bank_group]", "switch=[-5]",
            "exit.0.command=JUMP", "limits.power={window: 1 us}",
        )
    ),
    *(
        ("hbf-pnm", f"{FLASH}.{setting}")
        for setting in ("page.bytes=4097", "die.planes=4096", "die.capacity=1 B", "registers=99")
    ),
    *(
        ("base-die", setting)
        for setting in (
            "path=[{level: host}, {level: bank, die: dram}]", "path.base.die=moon", "dies.dram.name=base",
            "dies.dram.memory=moon", "dies.dram.bond=glue", "dies.base.process=n-none", "cores.pe.tap=moon.base",
            "cores.pe.tap=hbm.board", "cores.pe.tap=hbm.bank", "cores.pe={tap: hbm.base, clock: 1 GHz}",
            "cores.pe.formats=[fp999]", "cores.pe.formats=[soup]", "cores.pe.matmul.packing={int2: 4}", "cooler=snow",
            "place.weights=moon", "primary=moon", "memories.hbm.controller.policy=chance",
            "memories.hbm.controller.depth=100000", "memories.hbm.address=[row]", "memories.hbm.address=[row, row]",
            "memories.hbm.controller.page=closed", "memories.hbm.sram={size: 1 MB, bandwidth: 1 GB/s}",
            "cores.pe.clock=9 THz", "cores.pe.clocks=1 GHz", "cores.pe.clock", ".=1", "cores.pe.clock.deep=1",
            "cores.pe.clock=*none", "cores.pe.clock={", "cores.pe.clock=!!python/none 1", "memories.hbm.device=hbm99",
            "memories.hbm.device=../hbm3.yaml", "memories.hbm.device=[]", "cores.pe.matmul={unit: abacus}",
            "cores.pe.sram.size=1 furlong", "cores.pe.sram.size=256 kb", "cores.pe.sram.size=1e999 B",
            "cores.pe.launch=1 cycle", "memories.hbm.device=hbf", "cores.pe.per=012", "cores.pe.formats={}",
            "place=[]", "cores.pe.clock={value: 1 GHz, sauce: hot}", "cores.pe.clock={value: 1 GHz, confidence: sure}",
            "dies.base.area=20 mm2",
            "dies.9.area=1", "cores.pe.per=99999999999999999999", "cores.pe.per=no", "cores.pe.matmul=systolic",
            "cores.pe.per={value: 1, sauce: hot}", "cores.pe.matmul.rows=4 rows", "dies.dram.colour=red",
            "cores.pe.matmul={rows: 4}", "cores.pe.formats=[]", "path=[]", "cores.pe.per=null", "cores.pe.launch=1 sec",
            "cores.pe.sram.size=256 KB", "cores.pe.clock=1 celsius", "memories.hbm.address=[row, moon]",
            "memories.hbm.address=['column:x', row, bank, bank_group, rank, pseudo_channel, channel]",
            "memories.hbm.address=['column:2', row, bank, bank_group, rank, pseudo_channel, channel, 'column:9']",
            "memories.hbm.device.levels.bank=3", "cores.pe.matmul.skips={'bf16_4:4': 0.9}",
            "cores.pe.matmul.skips={'fp32_2:4': 0.9}", "cores.pe.matmul.packing={int4: 2}", "cores.pe._sauce=hot",
            "cores.pe.nonlinear={lanes: 4, method: exact, degree: 3}",
            "cores.pe.nonlinear={lanes: 4, exp: {method: lut, low: -2}}",
            "cores.pe.nonlinear={lanes: 4, method: lut, low: 99}",
            "cores.pe.matmul={unit: bit-serial, scheme: stripes, encoding: naf}",
            "cores.pe.matmul={unit: bit-serial, scheme: stripes, keep: 1}",
            "cores.pe.matmul={unit: bit-serial, scheme: nm-serial, keep: 9}",
            "cores.pe.matmul={unit: bit-serial, scheme: bitwave, pruned: 7}",
        )
    ),
    *(
        ("hybrid-3d", f"path.vault.network={{topology: {network}}}")
        for network in (
            f"mesh, router: {{vcs: 2, depth: 2}}, {WIRE}, hop: 2}}", f"mesh3d, layers: 3, {WIRE}, hop: 8}}",
            f"torus, router: {{vcs: 1, depth: 2}}, {WIRE}, hop: 8}}",
            f"custom, edges: [{{a: 0, b: 1}}], {WIRE}, hop: 8}}",
            f"custom, edges: [{{a: 0, b: 99}}], {WIRE}, hop: 8}}", f"full, radix: 2, {WIRE}, hop: 8}}",
            f"custom, {WIRE}, hop: 8}}", f"bus, router: {{vcs: 2, depth: 2}}, {WIRE}, hop: 8}}",
            f"mesh, router: {{vcs: 99, depth: 2}}, {WIRE}, hop: 8}}", f"mesh, radix: 2, {WIRE}, hop: 8}}",
            f"custom, edges: [{{a: 0, b: 1, link: {{width: 7 bit, clock: 1 GHz, hop: 8}}}}], {WIRE}, hop: 8}}",
        )
    ),
    ("attacc-bank", "cores.softmax.tap=hbm.bank_group"),
    ("hbf-pnm", "cores.pe.tap=hbf.base"),
    ("hbf-pnm", "cores.pe.tap=hbf.bank"),
    ("attacc-bank", "memories.hbm.controller={policy: frfcfs, page: closed}"),
    ("xpu-h100", "interposer=plate"),
    ("xpu-h100", "interposer=gpu"),
    ("xpu-h100", "interposer=hbm"),
    ("xpu-h100", "interposer=dram"),
    ("upmem", "cores.dpu.offload=null"),
    ("upmem", "cores.dpu.tap=mram.host"),
    ("upmem", "cores.dpu.vector.program=1"),
    ("upmem", "cores.dpu.formats=[int8, fp8]"),
    ("upmem", "cores.dpu.vector.instructions={_replace: true, int8: {add: 1}}"),
]  # fmt: skip
"""A machine and what is set on it, with ` | ` between settings."""

FILES: Final[dict[str, str | bytes]] = {
    "empty.yaml": "",
    "list.yaml": "[1, 2]",
    "second.yaml": "extends: base-die\n---\nextends: base-die\n",
    "directive.yaml": "%YAML 1.1\n---\nextends: base-die\n",
    "tab.yaml": "extends: base-die\n\tcooler: air\n",
    "twice.yaml": "extends: base-die\ncooler: air\ncooler: liquid\n",
    "merge.yaml": "extends: base-die\n<<: {cooler: air}\n",
    "alias.yaml": "extends: base-die\nplace: *nothing\n",
    "anchors.yaml": "extends: base-die\ncores: {pe: &a {formats: [&b bf16], clock: -1 GHz}, q: *a}\n",
    "block.yaml": "extends: base-die\n? {a: b}\n: c\n",
    "deep.yaml": "extends: " + "[" * 40 + "]" * 40,
    "long.yaml": "cores: [" + "1, " * 10_001 + "1]",
    "huge.yaml": "#" * ((1 << 20) + 1),
    "latin.yaml": b"cooler: \xe9\n",
    "surrogate.yaml": 'cooler: "\\uD800"\n',
    "circle.yaml": "extends: circle.yaml\n",
    "number.yaml": "extends: 7\n",
    "outside.yaml": "extends: /etc/hosts.yaml\n",
    "nobody.yaml": "extends: nobody\n",
    "sources.yaml": "extends: base-die\n_source: 7\ncooler: {value: air, source: [], confidence: known}\n",
    "private.yaml": "extends: base-die\n_sauce: 7\ncooler: air\n",
    "number-words.yaml": "extends: base-die\ncores: {pe: {per: 0x1F, clock: 1_000}}\n",
}  # fmt: skip
"""Files that stand for machines."""

KERNELS: Final[list[tuple[str, str, str, dict[str, Any]]]] = [
    ("hybrid-3d", "", "gemv", {"m": 1 << 40, "k": 1 << 40}),
    ("sram-lpu", "", "gemv", {"m": 1 << 16, "k": 1 << 16}),
    ("hybrid-3d", "", "softmax", {"rows": 64, "cols": 9_000_000_000_000}),
]
"""Machines that may be, with kernels that run for longer than can be counted, or do not fit."""


def refusals(folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each of them: its name, and what asks for it."""
    small = {"m": 60, "k": 70}
    for machine, sets in SETTINGS:
        yield f"{machine} {sets}", partial(_refused, machine, sets.split(" | "), "gemv", small)
    for name, text in FILES.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        yield name, partial(_refused, folder / name, [], "gemv", small)
    for missing in (folder, folder / "none.yaml", "no-machine", "base-die.yaml", "no\0machine"):
        yield f"{missing}", partial(_refused, missing, [], "gemv", small)
    for machine, sets, kernel, options in KERNELS:
        yield f"{machine} {sets} {kernel}", partial(_refused, machine, [sets] * bool(sets), kernel, options)
    for number, (name, text, _) in enumerate(WRONG):
        path = folder / f"{number}-{name}"
        path.write_text(text, encoding="utf-8")
        yield f"device {path.name}", partial(_refused, "xpu-h100", [f"{HBM}={path}"], "gemv", small)
    yield "stacks", partial(_no_such_stacks, "xpu-h100", 3)


def _refused(machine: str | Path, overrides: list[str], kernel: str, options: dict[str, Any]) -> None:
    try:
        simulate(build(kernel, **options), load_machine(machine, overrides))
    except ConfigError:
        return
    raise AssertionError(f"{machine} {overrides} ran.")


def _no_such_stacks(machine: str, stacks: int) -> None:
    try:
        load_machine(machine, (), stacks)
    except ConfigError:
        return
    raise AssertionError(f"{machine} has {stacks} stacks.")
