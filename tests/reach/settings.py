"""What a user can set on shipped machines and they do not state themselves; `tests/properties` shows that each acts."""

from typing import Final

HOSTS: Final = (("base-die", "hbm"), ("npu-lpddr5", "lpddr"))
QUEUED: Final = ("frfcfs", "frfcfs-rowhit", "per-bank")
BANK_BY_BANK: Final = "memories.{memory}.device.refresh.mode=per_bank"
FLASH: Final = "memories.hbf.flash"
NET: Final = "path.vault.network"
FUNCTIONS: Final = "cores.pe.nonlinear"
LINK: Final = "path.host.network"
WIRE: Final = "link: {width: 256 bit, clock: 1 GHz, hop: 8}"
ROUTER: Final = "router: {vcs: 2, depth: 2}"
DEEP: Final = "router: {vcs: 4, depth: 4, routing_delay: 1, switch_delay: 2, credit_delay: 4, packet: 1}"
NARROW: Final = "router: {vcs: 2, depth: 8, packet: 1}, link: {width: 8 bit, clock: 1 GHz, hop: 8}"
PIECES: Final = "router: {vcs: 4, depth: 4, moved: packets}, link: {width: 64 bit, clock: 1 GHz, hop: 8}"
SLOW: Final = "link: {width: 32 bit, clock: 1 GHz, hop: 16}"
STAR: Final = f"edges: [{', '.join(f'{{a: 0, b: {b}}}' for b in range(1, 15))}, {{a: 0, b: 15, {SLOW}}}]"
RING: Final = f"edges: [{', '.join(f'{{a: {b}, b: {(b + 1) % 16}}}' for b in range(16))}]"
"""Networks of the 16 vaults of hybrid-3d."""

TREES: Final = (
    "{bandwidth: 1 GB/s, protocols: [{name: p, software: s, step: 1 us, algorithms: [double_tree, ring]}]}"
)
ADDING: Final = (
    "{bandwidth: 1 GB/s, protocols: [{name: p, software: s, step: 1 us, adds: 1 GB/s, "
    "rates: [{patterns: [all_reduce], share: 0.5}]}]}"
)
"""A link whose software adds slowly."""

Setting = tuple[str, str, tuple[str, ...]]
"""Machine (` / n`: in n packages), kernel by its name in `runs`, overrides."""

UNITS: Final[list[Setting]] = [
    ("attacc-bank", "gemv", ("cores.pe.vector={_replace: true, lanes_per_byte: 1}",)),
    *(
        ("base-die", "gemm", (f"cores.pe.matmul.dataflow={flow}", "cores.pe.matmul.group=4", shadow))
        for flow in ("os", "is")
        for shadow in ("cores.pe.matmul.shadow=true", "cores.pe.matmul.shadow=false")
        if flow == "os" or shadow.endswith("true")
    ),
    ("base-die", "gemm", ("cores.pe.matmul.shadow=false", "cores.pe.matmul.arrays=2")),
    ("base-die", "gemm", ("cores.pe.matmul={unit: lanes, lanes: 32}",)),
    ("base-die", "gemv", ("cores.pe.matmul={unit: lanes, lanes: 32}", "cores.pe.vector={lanes: 3}")),
    ("base-die", "gemm", ("cores.pe.sram.layout=rows", "cores.pe.sram.granule=4")),
    *(
        ("base-die", kernel, (f"{FUNCTIONS}={{method: {method}, lanes: 4}}",))
        for method in ("exact", "lut", "pwl", "poly", "cordic")
        for kernel in ("softmax", "decode-attention", "gelu", "tanh", "rmsnorm")[
            :: 1 if method == "poly" else 2
        ]
    ),
    ("base-die", "softmax", (f"{FUNCTIONS}={{method: cordic, lanes: 4, iterations: 16, folded: true}}",)),
    *(
        ("base-die", "gelu", (f"{FUNCTIONS}={{lanes: 4, method: {options}}}",))
        for options in (
            "poly, degree: 5",
            "pwl, segments: 40",
            "lut, entries: 40",
            "pwl, fit: interpolating",
            "pwl, spacing: optimal",
            "pwl, precision: bf16",
            "pwl, precision: fixed, fraction: 8",
            "pwl, precision: fixed, fraction: 8, rounding: truncate",
            "lut, low: -2, high: 2",
        )
    ),
    *(
        ("base-die", kernel, (f"{FUNCTIONS}.softmax={unit}",))
        for unit in ("three-pass", "recomputed", "online", "softermax", "ita", "sole", "consmax")
        for kernel in ("softmax", "decode-attention")
    ),
    *(("base-die", kernel, ()) for kernel in ("quest", "nsa", "prompt", "guesses")),
    *(("xpu-a100", "wide norm", (f"path.host.cache.size={size} MiB",)) for size in (10, 100)),
    ("base-die", "layer", (f"{FUNCTIONS}.rope={{method: cordic}}",)),
    ("base-die", "gelu", (f"{FUNCTIONS}.gelu={{method: poly}}",)),
    *(
        (machine, kernel, (f"cores.{core}.matmul={{unit: bit-serial, {options}}}", *more))
        for machine, core, more in (
            ("base-die", "pe", ()),
            ("attacc-bank", "pe", ("dies.dram.area=400 mm2",)),
        )
        for kernel, options in (
            ("int8", "scheme: bit-parallel, rows: 4, cols: 2"),
            ("int8", "scheme: stripes, rows: 4, cols: 2"),
            ("int8", "scheme: essential, encoding: naf"),
            ("int8", "scheme: essential, encoding: booth, run_ahead: 2"),
            ("int8", "scheme: pragmatic, rows: 4, run_ahead: -1"),
            ("int8", "scheme: pragmatic, shift_bits: 6"),
            ("int8", "scheme: shapeshifter, rows: 4"),
            ("int8", "scheme: bitwave, pruned: 4"),
            ("int8", "scheme: bitvert, pruned: 2"),
            ("int8", "scheme: bitmod, rows: 4"),
            ("gemm", "scheme: nm-serial, keep: 1, mask: index, port: 1"),
        )
    ),
    *(
        ("base-die", kernel, (f"cores.pe.matmul={{unit: bit-serial, {options}}}", *more))
        for kernel, options, more in (
            ("int8", "scheme: laconic, rows: 4, cols: 2", ()),
            ("int8", "scheme: loom, rows: 4", ()),
            ("int8", "scheme: bitfusion, rows: 4", ()),
            ("planes", "scheme: anda, rows: 4", ("cores.pe.formats=[bf16, int4]",)),
            ("masked", "scheme: sparten, rows: 4", ()),
            ("in runs", "scheme: eie, rows: 4", ()),
        )
    ),
    ("base-die", "masked", ()),
    ("base-die", "relu", ()),
    *(
        ("base-die", "codes", (f"cores.pe.{unit}",))
        for unit in ("matmul={unit: lanes, lanes: 32}", "vector={lanes: 512}", "vector={lanes: 1}")
    ),
    ("attacc-bank", "codes", ("cores.pe.accumulators=1",)),
    ("base-die", "gemv", ("cores.pe.clock=1500 MHz",)),
    ("attacc-buffer", "caches", ("cores.pe.clock=20 MHz",)),  # streams come when no time of a channel matters
    ("base-die", "gemm", ("power_limit=5 W",)),
    ("base-die", "sparse", ("cores.pe.matmul.skips={'bf16_2:4': 0.9}",)),
    ("base-die", "sparse", ("cores.pe.matmul={unit: lanes, lanes: 32, skips: {'bf16_2:4': 0.9}}",)),
    ("base-die-uspe", "sparse", ("cores.pe.matmul.rows=4",)),
    ("base-die", "int4", ("cores.pe.formats=[bf16, int4, int8]",)),
]

PROCESSORS: Final[list[Setting]] = [
    *(
        ("upmem", kernel, ())
        for kernel in (
            "vectors",
            "sum",
            "prefix_sum",
            "select",
            "unique",
            "histogram",
            "scatter",
            "broadcast",
            "gather",
            "int32",
            "kept",
        )
    ),
    ("upmem", "int32", ("cores.dpu.vector.tasklets=3", "cores.dpu.sram.size=20 KiB")),
    ("upmem", "scatter", ("cores.dpu.offload.push=64 B",)),
    ("axdimm", "embedding", ()),
    ("axdimm", "embedding", ("memories.ddr.controller={policy: frfcfs, depth: 16}",)),
    *(
        (
            "axdimm",
            "lookups",
            ("memories.ddr.device=ddr5-4800", f"memories.ddr.controller={{policy: {policy}, depth: 16}}"),
        )
        for policy in ("frfcfs", "per-bank")
    ),
    ("aim", "gemv", ("cores.pu.sums.order=rewritten",)),
    ("lp5x-pim", "int8", ("memories.lpddr.controller.pim.kind=fenced",)),
]

CHANNELS: Final[list[Setting]] = [
    *(
        (machine, kernel, (f"memories.{memory}.controller.policy={policy}",))
        for machine, memory in (*HOSTS, ("hbm-pim", "hbm"), ("attacc-bank", "hbm"))
        for policy in ("frfcfs", "per-bank")
        for kernel in ("decode-attention", "layer")[: 1 if machine == "npu-lpddr5" else 2]
    ),
    *(
        (machine, "stream", (f"memories.{memory}.controller.policy={policy}", BANK_BY_BANK.format(memory=memory)))
        for machine, memory in HOSTS
        for policy in ("in-order", *QUEUED)
    ),
    *(
        ("attacc-bank", "stream", (f"memories.hbm.controller.policy={policy}", BANK_BY_BANK.format(memory="hbm")))
        for policy in ("in-order", *QUEUED)
    ),
    *(
        ("base-die", kernel, (f"memories.hbm.controller={{policy: {policy}, page: closed}}",))
        for policy in QUEUED
        for kernel in ("gemv", "layer")
    ),
    *(
        ("base-die", "gemv", (f"memories.hbm.controller.policy={policy}", "cores.pe.launch=1 ms", *refresh))
        for policy in ("in-order", *QUEUED)
        for refresh in ((), (BANK_BY_BANK.format(memory="hbm"),))
    ),
    *(
        (machine, kernel, (f"memories.hbm.controller.pim={{kind: {kind}, depth: {depth}, ranks: {ranks}}}", *alone))
        for machine, alone in (("hbm-pim", ("cores.host.matmul=null",)), ("attacc-bank", ()))
        for kind, depth, ranks in (("fenced", 8, 2), ("ahead", 8, 0))
        for kernel in ("gemv", "decode-attention")
    ),
    ("aim", "passes", ()),
    ("attacc-bank", "passes", ("memories.hbm.controller.pim={kind: fenced, depth: 8, ranks: 2}",)),
    ("hbm-pim", "caches", ("cores.host.matmul=null",)),
    ("attacc-bank", "gemv", (BANK_BY_BANK.format(memory="hbm"),)),
    ("attacc-bank", "decode-attention", (BANK_BY_BANK.format(memory="hbm"), "memories.hbm.controller.policy=frfcfs")),
    ("hbm-pim", "gemv", ("memories.hbm.device.pim.mode=mixed", "cores.host.matmul=null")),
    ("hbm-pim", "decode-attention", ("memories.hbm.device.pim.mode=mixed", "cores.host.matmul=null")),
    ("attacc-bank", "gemv", ("memories.hbm.device.pim.limits={tRRD: true, tFAW: true, t32AW: false, power: false}",)),
    ("attacc-bank", "gemv", ("memories.hbm.device.pim.limits.power={window: 1 us, activates: 64}",)),
    ("base-die", "gemv", ("memories.hbm.device.refresh.mode=off",)),
    ("hbm-pim", "gemv", ("memories.hbm.device.refresh.mode=off", "cores.host.matmul=null")),
    ("hbf-pnm", "states", ("place.kv=hbf",)),
    ("hbf-pnm", "state", ("place.kv=hbf", f"{FLASH}.registers=1", f"{FLASH}.read_ahead=stream")),
    ("hbf-pnm", "gemv", ("place.weights=hbm",)),
]  # fmt: skip

NETWORKS: Final[list[Setting]] = [
    *(
        ("hybrid-3d", kernel, (f"{NET}.topology={topology}", f"{NET}.multicast={multicast}"))
        for topology in ("bus", "ring", "torus", "crossbar", "switch", "full")
        for kernel, multicast in (("gemm", "false"), ("prefill-attention", "true"))
    ),
    *(
        ("hybrid-3d", kernel, (f"{NET}={{topology: {topology}, multicast: {multicast}, {WIRE}}}",))
        for topology in (
            "mesh3d, layers: 2",
            "mesh3d, layers: 4, vertical: {width: 32 bit, clock: 1 GHz, hop: 16}",
            "fat_tree",
            "fat_tree, radix: 2",
            "butterfly",
            "butterfly, radix: 2",
            "dragonfly",
            f"custom, {STAR}",
            f"custom, {RING}",
        )
        for kernel, multicast in (("gemm", "false"), ("prefill-attention", "true"))
    ),
    *(
        ("hybrid-3d", "gemv", (f"{NET}={{topology: {topology}, multicast: false, {ROUTER}, {WIRE}}}",))
        for topology in (
            "mesh",
            "ring",
            "torus",
            "crossbar",
            "switch",
            "full",
            "mesh3d, layers: 2",
            "fat_tree",
            "butterfly",
            "dragonfly",
            f"custom, {STAR}",
        )
    ),
    ("hybrid-3d", "gemm", (f"{NET}={{topology: mesh, multicast: false, {DEEP}, {WIRE}}}",)),
    ("hybrid-3d", "long", (f"{NET}={{topology: mesh, multicast: false, {NARROW}}}",)),
    *(
        ("hybrid-3d", kernel, (f"{NET}={{topology: {topology}, multicast: false, {PIECES}}}",))
        for kernel, topology in (
            ("gemm", "ring"),
            ("gemm", f"custom, {STAR}"),
            ("gemm", "dragonfly"),
        )
    ),
    ("xpu-h100 / 2", "gemm", ()),
    ("xpu-h100", "prompts", ("cores.sm.per=2",)),
    (
        "hybrid-3d / 4",
        "layer",
        (f"{LINK}={{topology: dragonfly, link: nvlink4, equal: {{to: full, by: bisection}}}}",),
    ),
    ("hybrid-3d / 4", "gemm", (f"{LINK}={{topology: switch, combine: true, link: nvlink4}}",)),
    *(
        ("hybrid-3d / 4", "gemm", (f"{LINK}={{topology: {topology}, link: {ADDING}, equal: {equal}}}",))
        for topology in ("torus", "ring", "full")
        for equal in ("{to: mesh, by: bisection}", "{to: mesh, by: links}")
    ),
    ("hybrid-3d / 4", "layer", (f"{LINK}={{topology: ring, chunks: 2, link: {TREES}}}",)),
    ("hybrid-3d / 4", "layer", (f"{LINK}={{topology: ring, chunks: 3, forward: whole, link: {ADDING}}}",)),
    *(
        ("hybrid-3d / 3", "gemm", (f"{LINK}.topology={topology}",))
        for topology in ("bus", "ring", "switch", "full")
    ),
]

SETTINGS: Final = (*UNITS, *PROCESSORS, *CHANNELS, *NETWORKS)
