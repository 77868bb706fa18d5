"""What a user can set on shipped machines and they do not state themselves; `tests/properties` shows that each acts."""

from typing import Final

HOSTS: Final = (("base-die", "hbm"), ("npu-lpddr5", "lpddr"))
QUEUED: Final = ("frfcfs", "frfcfs-rowhit", "per-bank")
BANK_BY_BANK: Final = "memories.{memory}.device.refresh.mode=per_bank"
FLASH: Final = "memories.hbf.flash"
NET: Final = "path.vault.network"
LINK: Final = "path.host.network"

Setting = tuple[str, str, tuple[str, ...]]
"""Machine (` / n`: in n packages), kernel by its name in `runs`, overrides."""

UNITS: Final[list[Setting]] = [
    *(
        ("base-die", "gemm", (f"cores.pe.matmul.dataflow={flow}", "cores.pe.matmul.group=4", shadow))
        for flow in ("os", "is")
        for shadow in ("cores.pe.matmul.shadow=true", "cores.pe.matmul.shadow=false")
        if flow == "os" or shadow.endswith("true")
    ),
    ("base-die", "gemm", ("cores.pe.matmul.shadow=false", "cores.pe.matmul.arrays=4")),
    ("base-die", "gemm", ("cores.pe.matmul={unit: lanes, lanes: 32}",)),
    ("base-die", "gemv", ("cores.pe.matmul={unit: lanes, lanes: 32}", "cores.pe.vector={lanes: 3}")),
    ("base-die", "gemm", ("cores.pe.sram.layout=rows", "cores.pe.sram.granule=4")),
    *(
        ("base-die", kernel, (f"cores.pe.nonlinear={{method: {method}, lanes: 4}}",))
        for method in ("exact", "lut", "pwl", "poly", "cordic")
        for kernel in ("softmax", "decode-attention")[: 2 if method == "poly" else 1]
    ),
    ("base-die", "softmax", ("cores.pe.nonlinear={method: cordic, lanes: 4, order: 16, folded: true}",)),
    ("base-die", "relu", ()),
    ("base-die", "int4", ("cores.pe.formats=[bf16, int4, int8]",)),
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
        (machine, kernel, (f"memories.hbm.controller.pim={{kind: {kind}, depth: {depth}, ranks: {ranks}}}",))
        for machine in ("hbm-pim", "attacc-bank")
        for kind, depth, ranks in (("fenced", 8, 2), ("ahead", 8, 0))
        for kernel in ("gemv", "decode-attention")
    ),
    ("hbm-pim", "gemv", ("memories.hbm.device.pim.mode=mixed",)),
    ("hbm-pim", "decode-attention", ("memories.hbm.device.pim.mode=mixed",)),
    ("attacc-bank", "gemv", ("memories.hbm.device.pim.limits={tRRD: true, tFAW: true, t32AW: false, power: false}",)),
    ("attacc-bank", "gemv", ("memories.hbm.device.pim.limits.power={window: 1 us, activates: 64}",)),
    ("base-die", "gemv", ("memories.hbm.device.refresh.mode=off",)),
    ("hbm-pim", "gemv", ("memories.hbm.device.refresh.mode=off",)),
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
        ("hybrid-3d / 3", "gemm", (f"{LINK}.topology={topology}",))
        for topology in ("bus", "ring", "switch", "full")
    ),
]

SETTINGS: Final = (*UNITS, *CHANNELS, *NETWORKS)
