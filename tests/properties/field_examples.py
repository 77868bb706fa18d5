"""For every field of every schema: a shipped file, a value for the field, and the output that it changes.

An example is a target and overrides in the form of `--set`; what stands before `|` holds on both sides. Targets are
`machine NAME KERNEL` (with ` / 2` in two packages, ` / 2 tp` that share tensors), `queue DEVICE STREAM` (a request
stream through a queued controller), `sheet DEVICE` (what follows from a device), `process NAME DIE MACHINE` (with
overrides of the machine), `packaging MACHINE`, `sweep NAME` and `claim SOURCE`; behind the word `refusal` the output
is what a value is refused with.
"""

from tests.properties.example_kernels import ATTENTION, GEMM, GEMV, PREFILL, SOFTMAX, VECTORS
from tests.properties.packaging_examples import PACKAGING_EXAMPLES
from tests.properties.processor_examples import PROCESSOR_EXAMPLES
from tests.properties.unit_examples import UNIT_EXAMPLES

DEV = "memories.hbm.device"
FLASH = "memories.hbf.flash"
SLOWED = "process n5 gpu xpu-h100 power_limit=180 W"
LINK = "{width: 256 bit, clock: 1 GHz, hop: 8}"
NETWORK = "path.vault.network"
WAY = "path.host.link={width: 64 bit, clock: 1 GHz}"
STAR = [f"{{a: 0, b: {b}}}" for b in range(1, 16)]
CHAIN = [f"{{a: {b - 1}, b: {b}}}" for b in range(1, 16)]
SLOW = [*STAR[:-1], "{a: 0, b: 15, link: {width: 32 bit, clock: 1 GHz, hop: 8}}"]
FLITS = f"{NETWORK}={{topology: mesh, multicast: false, router: {{vcs: 1, depth: 2}}, link: {LINK}}}"
STACK = f"{NETWORK}={{topology: mesh3d, layers: 2, link: {LINK}}}"


HOST = "path.host.network"
PAIR = f"machine xpu-h100 {GEMM} / 2"
SHARED = "machine xpu-h100 layer model=llama-2-7b context=64 / 2 tp"


def moved_by(protocol: str, *, more: str = "") -> str:
    """The network of an H100's host with one protocol."""
    link = f"{{bandwidth: 10 GB/s, latency: 85 ns, protocols: [{{name: p, software: s{protocol}}}]}}"
    return f"{HOST}={{topology: switch, link: {link}{more}}}"


RATES = "rates: [{patterns: [all_gather, all_reduce, all_to_all], nodes: 2, share: 0.1}]"


def custom(edges: list[str]) -> str:
    """A custom network of vaults."""
    return f"{NETWORK}={{topology: custom, link: {LINK}, edges: [{', '.join(edges)}]}}"


EXAMPLES: dict[str, tuple[str, str]] = {
    # machine
    "MachineSpec.memories": (f"machine base-die {GEMV}", "memories.hbm={device: hbm3e}"),
    "MachineSpec.dies": (f"machine base-die {GEMV}", "dies.base.area=60 mm2"),
    "MachineSpec.path": (f"machine xpu-h100 {GEMV}", "path.host.link.latency=1 us"),
    "MachineSpec.cores": (f"machine base-die {GEMV}", "cores.pe.per=2"),
    "MachineSpec.place": (f"machine hbf-pnm {GEMV}", "place={weights: hbm, kv: hbm}"),
    "MachineSpec.primary": (f"machine lpddr5-pim {GEMV}", "primary=npu"),
    "MachineSpec.interposer": (f"machine xpu-h100 {GEMV}", "interposer=false"),
    "MachineSpec.throttle": (f"machine hbf-pnm {GEMV}", "throttle=true"),
    "MachineSpec.clock_share": (f"machine base-die {GEMV}", "clock_share=0.5"),
    "MachineSpec.cooler": (f"machine base-die {GEMV}", "cooler=liquid"),
    "MachineSpec.power_limit": (f"machine xpu-h100 {GEMM}", "power_limit=200 W"),
    "MachineSpec.board": (f"machine base-die {GEMV}", "board={efficiency: 0.9}"),
    "BoardSpec.efficiency": (f"machine xpu-h100 {GEMV}", "board.efficiency=0.8"),
    "PlaceSpec.weights": (f"machine hbf-pnm {GEMV}", "place.weights=hbm"),
    "PlaceSpec.kv": (f"machine hbf-pnm {ATTENTION}", "place.kv=hbf"),
    "MemorySpec.device": (f"machine base-die {GEMV}", "memories.hbm.device=hbm3e"),
    "MemorySpec.flash": (f"machine hbf-pnm {GEMV}", "memories.hbf.flash=hbf-1us"),
    "MemorySpec.sram": (f"machine sram-lpu {GEMV}", "memories.sram.sram={size: 500 MB, bandwidth: 1 TB/s}"),
    "MemorySpec.stacks": (f"machine base-die {GEMV}", "memories.hbm.stacks=2"),
    "MemorySpec.address": (
        f"machine base-die {GEMV}",
        f"{DEV}.refresh.mode=off "
        "| memories.hbm.address=[bank, row, rank, bank_group, column, pseudo_channel, channel]",
    ),
    "MemorySpec.controller": (f"machine base-die {GEMV}", "memories.hbm.controller={policy: frfcfs}"),
    "ControllerSpec.policy": (f"machine base-die {GEMV}", "memories.hbm.controller={policy: frfcfs}"),
    "ControllerSpec.depth": (
        f"machine base-die {GEMV}",
        "memories.hbm.controller={policy: frfcfs} | memories.hbm.controller.depth=2",
    ),
    "ControllerSpec.page": (
        f"machine xpu-a100 {GEMV}",
        "memories.hbm.controller={policy: per-bank} | memories.hbm.controller.page=closed",
    ),
    "SramStoreSpec.size": (f"machine sram-lpu {GEMV}", "memories.sram.sram.size=200 MB"),
    "SramStoreSpec.bandwidth": (f"machine sram-lpu {GEMV}", "memories.sram.sram.bandwidth=1 TB/s"),
    "SramStoreSpec.macro": (f"machine sram-lpu {GEMV}", "memories.sram.sram.macro=64 KiB"),
    "DieSpec.name": (f"machine hbf-pnm {GEMV}", "dies.flash.name=second"),
    "DieSpec.process": (f"machine base-die {GEMV}", "dies.base.process=n28"),
    "DieSpec.area": (f"machine base-die {GEMV}", "dies.base.area=60 mm2"),
    "DieSpec.count": (f"machine base-die {GEMV}", "dies.dram.count=4"),
    "DieSpec.memory": (f"machine base-die {GEMV}", "dies.dram.memory=null"),
    "DieSpec.width": (f"machine base-die {GEMV}", "dies.base.width=20 mm"),
    "DieSpec.stacked": ("machine upmem gemv m=256 k=2048 format=int8", "dies.dram.stacked=true"),
    "DieSpec.thickness": (f"machine base-die {GEMV}", "dies.dram.thickness=20 um"),
    "DieSpec.bond": (f"machine base-die {GEMV}", "dies.dram.bond=hybrid"),
    "DieSpec.beside": (f"machine base-die {GEMV}", "dies.base.beside=true"),
    "DieSpec.powered": (f"machine base-die {GEMV}", "dies.base.powered=0.5"),
    "PathLevelSpec.level": (f"machine hybrid-3d {GEMM} / 2", "path.host.level=base"),
    "PathLevelSpec.die": (f"machine base-die {GEMV}", "path.base.die=dram"),
    "PathLevelSpec.network": (f"machine hybrid-3d {GEMM}", "path.vault.network.topology=crossbar"),
    "PathLevelSpec.link": (f"machine xpu-h100 {GEMV}", "path.host.link={bandwidth: 100 GB/s}"),
    "PathLevelSpec.interface": (f"machine base-die {GEMV}", "path.base.interface=5 mm2"),
    "PathLevelSpec.transport": (f"machine base-die {GEMV}", "path.base.transport={distance: 5 mm}"),
    "TransportSpec.distance": (f"machine xpu-h100 {GEMV}", "path.host.transport.distance=9 mm"),
    "TransportSpec.wire": (f"machine xpu-h100 {GEMV}", "path.host.transport.wire=0.1 pJ/bit/mm"),
    "TransportSpec.buffers": (f"machine xpu-h100 {GEMV}", "path.host.transport.buffers=[]"),
    "NetworkSpec.topology": (f"machine hybrid-3d {GEMM}", "path.vault.network.topology=crossbar"),
    "NetworkSpec.link": (f"machine hybrid-3d {GEMM}", "path.vault.network.link={bandwidth: 1 GB/s}"),
    "NetworkSpec.multicast": (f"machine attacc-buffer {GEMV}", "path.host.network.multicast=false"),
    "NetworkSpec.radix": (
        f"machine hybrid-3d {GEMM}",
        f"{NETWORK}={{topology: fat_tree, link: {LINK}}} | {NETWORK}.radix=2",
    ),
    "NetworkSpec.layers": (f"machine hybrid-3d {GEMM}", f"{STACK} | {NETWORK}.layers=16"),
    "NetworkSpec.vertical": (
        f"machine hybrid-3d {GEMM}",
        f"{STACK} | {NETWORK}.vertical={{width: 16 bit, clock: 1 GHz, hop: 16}}",
    ),
    "NetworkSpec.edges": (f"machine hybrid-3d {GEMM}", f"{custom(STAR)} | {custom(CHAIN)}"),
    "NetworkSpec.router": (
        f"machine hybrid-3d {GEMM}",
        f"{NETWORK}={{topology: mesh, multicast: false, link: {LINK}}} | {NETWORK}.router={{vcs: 1, depth: 2}}",
    ),
    "NetworkSpec.combine": (SHARED, f"{moved_by('')} | {moved_by('', more=', combine: true')}"),
    "NetworkSpec.forward": (PAIR, f"{moved_by('')} | {HOST}.forward=whole"),
    "NetworkSpec.software": (
        PAIR,
        f"{moved_by(', base: 9 us}, {name: q, software: t')} | {HOST}.software=[s]",
    ),
    "NetworkSpec.chunks": (PAIR, f"{moved_by('')} | {HOST}.chunks=4"),
    "NetworkSpec.in_flight": (PAIR, f"{moved_by('', more=', chunks: 4')} | {HOST}.in_flight=1"),
    "LinkSpec.protocols": (PAIR, "path.host.network.software=[] path.host.network.link.protocols=[]"),
    "ProtocolSpec.name": (f"refusal {PAIR}", moved_by(", algorithms: [in_switch]")),
    "ProtocolSpec.software": (
        f"refusal {PAIR}",
        f"{moved_by('')} | {HOST}.software=[t]",
    ),
    "ProtocolSpec.algorithms": (PAIR, f"{moved_by('')} | {moved_by(', algorithms: [root]')}"),
    "ProtocolSpec.base": (PAIR, f"{moved_by('')} | {moved_by(', base: 9 us')}"),
    "ProtocolSpec.step": (PAIR, f"{moved_by('')} | {moved_by(', step: 9 us')}"),
    "ProtocolSpec.message": (PAIR, f"{moved_by('')} | {moved_by(', message: 9 us')}"),
    "ProtocolSpec.share": (PAIR, f"{moved_by('')} | {moved_by(', share: 0.1')}"),
    "ProtocolSpec.rates": (PAIR, f"{moved_by('')} | {moved_by(f', {RATES}')}"),
    "ProtocolSpec.adds": (SHARED, f"{moved_by('')} | {moved_by(', adds: 1 GB/s')}"),
    "RateSpec.patterns": (
        PAIR,
        f"{moved_by(f', {RATES}')} | {moved_by(f', {RATES}'.replace('all_gather, all_reduce, all_to_all', 'gather'))}",
    ),
    "RateSpec.nodes": (
        PAIR,
        f"{moved_by(f', {RATES}')} | {moved_by(f', {RATES}'.replace('nodes: 2', 'nodes: 3'))}",
    ),
    "RateSpec.share": (PAIR, f"{moved_by(f', {RATES}')} | {moved_by(f', {RATES}'.replace('0.1', '0.2'))}"),
    "EdgeSpec.a": (f"machine hybrid-3d {GEMM}", f"{custom(STAR)} | {custom(CHAIN)}"),
    "EdgeSpec.b": (f"machine hybrid-3d {GEMM}", f"{custom(CHAIN)} | {custom(STAR)}"),
    "EdgeSpec.link": (f"machine hybrid-3d {GEMM}", f"{custom(STAR)} | {custom(SLOW)}"),
    "RouterNetworkSpec.vcs": (f"machine hybrid-3d {GEMM}", f"{FLITS} | {NETWORK}.router.vcs=4"),
    "RouterNetworkSpec.depth": (f"machine hybrid-3d {GEMM}", f"{FLITS} | {NETWORK}.router.depth=4"),
    "RouterNetworkSpec.routing_delay": (
        f"machine hybrid-3d {GEMM}",
        f"{FLITS} | {NETWORK}.router.routing_delay=1",
    ),
    "RouterNetworkSpec.switch_delay": (
        f"machine hybrid-3d {GEMM}",
        f"{FLITS} | {NETWORK}.router.switch_delay=2",
    ),
    "RouterNetworkSpec.credit_delay": (
        f"machine hybrid-3d {GEMM}",
        f"{FLITS} | {NETWORK}.router.credit_delay=4",
    ),
    "RouterNetworkSpec.packet": (f"machine hybrid-3d {GEMM}", f"{FLITS} | {NETWORK}.router.packet=1"),
    "LinkSpec.width": (f"machine hybrid-3d {GEMM}", "path.vault.network.link.width=16 bit"),
    "LinkSpec.clock": (f"machine hybrid-3d {GEMM}", "path.vault.network.link.clock=100 MHz"),
    "LinkSpec.bandwidth": (f"machine xpu-h100 {GEMM} / 2", "path.host.network.link.bandwidth=1 GB/s"),
    "LinkSpec.latency": (f"machine xpu-h100 {GEMM}", "path.host.network.link.latency=5 us"),
    "LinkSpec.hop": (f"machine hybrid-3d {GEMM}", "path.vault.network.link.hop=40"),
    "LinkSpec.energy": (f"machine xpu-h100 {GEMM} / 2", "path.host.network.link.energy=100 pJ/bit"),
    "WaySpec.width": (f"machine xpu-h100 {GEMV}", f"{WAY} | path.host.link.width=128 bit"),
    "WaySpec.clock": (f"machine xpu-h100 {GEMV}", f"{WAY} | path.host.link.clock=2 GHz"),
    "WaySpec.bandwidth": (f"machine xpu-h100 {GEMV}", "path.host.link.bandwidth=1 GB/s"),
    "WaySpec.latency": (f"machine xpu-h100 {GEMV}", "path.host.link.latency=5 us"),
    "WaySpec.hop": (f"machine xpu-h100 {GEMV}", f"{WAY} | path.host.link.hop=4000"),
    "WaySpec.energy": (f"machine xpu-h100 {GEMV}", "path.host.link.energy=100 pJ/bit"),
    "WaySpec.protocols": (
        f"refusal machine xpu-h100 {GEMV}",
        "path.host.link.protocols=[{name: p, software: s}]",
    ),
    "CoreSpec.tap": (f"machine attacc-bank {GEMV}", "cores.pe.tap=hbm.bank_group"),
    "CoreSpec.per": (f"machine base-die {GEMV}", "cores.pe.per=2"),
    "CoreSpec.clock": (f"machine base-die {GEMV}", "cores.pe.clock=500 MHz"),
    "CoreSpec.formats": (f"machine base-die {GEMV}", "cores.pe.formats=[bf16, fp32]"),
    "CoreSpec.sram": (f"machine base-die {GEMM}", "cores.pe.sram={size: 64 KiB, banks: 4}"),
    "CoreSpec.matmul": (f"machine base-die {GEMM}", "cores.pe.matmul={unit: systolic, rows: 8, cols: 8}"),
    "CoreSpec.vector": (f"machine base-die {GEMV}", "cores.pe.vector={lanes: 4}"),
    "CoreSpec.nonlinear": (f"machine base-die {SOFTMAX}", "cores.pe.nonlinear={method: exact, lanes: 1}"),
    "CoreSpec.accumulators": (f"machine attacc-bank {GEMV}", "cores.pe.accumulators=1"),
    "CoreSpec.area": (f"machine hbm-pim {GEMV}", "cores.pcu.area=replaces capacity"),
    "CoreSpec.open": (f"machine base-die {PREFILL}", "cores.pe.open=3 us"),
    "CoreSpec.overlap": (f"machine base-die {PREFILL}", "cores.pe.overlap=false"),
    "CoreSpec.registers": (f"machine base-die {PREFILL}", "cores.pe.registers=1 KiB"),
    "CoreSpec.launch": (f"machine base-die {GEMV}", "cores.pe.launch=3 us"),
    "CoreSpec.instruction": (f"machine xpu-h100 {GEMV}", "cores.sm.instruction=null"),
    "InstructionSpec.matmul": (f"machine xpu-h100 {GEMM}", "cores.sm.instruction.matmul=2"),
    "InstructionSpec.vector": (f"machine upmem {GEMV} format=int8", "cores.dpu.instruction.vector=2"),
    "InstructionSpec.nonlinear": (f"machine xpu-h100 {SOFTMAX}", "cores.sm.instruction.nonlinear=2"),
    "InstructionSpec.bytes": (f"machine xpu-h100 {GEMV}", "cores.sm.instruction.bytes=4"),
    **UNIT_EXAMPLES,
    **PROCESSOR_EXAMPLES,
    # DRAM device
    "DeviceSpec.family": ("sheet hbm3", "family=HBM3-like"),
    "DeviceSpec.clock": (f"machine base-die {GEMV}", f"{DEV}.clock=1 GHz"),
    "DeviceSpec.slots_per_ck": ("queue ddr4-2400 rand_mix33_s3", "slots_per_ck=2"),
    "DeviceSpec.levels": (f"machine base-die {GEMV}", f"{DEV}.levels.row=8192"),
    "DeviceSpec.burst": (f"machine base-die {GEMV}", f"{DEV}.burst.cycles=4"),
    "DeviceSpec.command_bus": ("queue hbm3 rand_mix33_s3", "command_bus=[single]"),
    "DeviceSpec.command_cycles": ("queue ddr4-2400 rand_mix33_s3", "command_cycles={ACT: 8}"),
    "DeviceSpec.latency_from": ("queue hbm3 rand_mix33_s3", "latency_from=first"),
    "DeviceSpec.timings": (f"machine base-die {GEMV}", f"{DEV}.timings.tRP=40"),
    "DeviceSpec.constraints": (
        f"machine base-die {GEMV}",
        f"{DEV}.constraints.4.window=1 {DEV}.constraints.2.latency=[8]",
    ),
    "DeviceSpec.read_latency": (f"machine base-die {GEMV}", f"{DEV}.read_latency=[tCL, 10]"),
    "DeviceSpec.write_latency": (f"machine base-die {VECTORS}", f"{DEV}.write_latency=[]"),
    "DeviceSpec.column_wake": (f"machine npu-lpddr5 {GEMV}", "memories.lpddr.device.column_wake.cycles=4"),
    "DeviceSpec.refresh": ("queue hbm3 seq_rd_bgint", "refresh={mode: per_bank}"),
    "DeviceSpec.activate_second": ("queue lpddr5 rand_mix33_s3", "activate_second=null"),
    "DeviceSpec.pim": (f"machine hbm-pim {GEMV}", f"{DEV}.pim.mode=mixed"),
    "DeviceSpec.energy": (f"machine base-die {GEMV}", f"{DEV}.energy.activate=10 nJ"),
    "Levels.channel": (f"machine base-die {GEMV}", f"{DEV}.levels.channel=8"),
    "Levels.vault": (f"machine hybrid-3d {GEMV}", f"{DEV}.levels.vault=8"),
    "Levels.pseudo_channel": (f"machine base-die {GEMV}", f"{DEV}.levels.pseudo_channel=1"),
    "Levels.rank": (f"machine base-die {GEMV}", f"{DEV}.levels.rank=1"),
    "Levels.bank_group": (f"machine base-die {GEMV}", f"{DEV}.levels.bank_group=2"),
    "Levels.bank": (f"machine base-die {GEMV}", f"{DEV}.levels.bank=2"),
    "Levels.row": (f"machine base-die {GEMV}", f"{DEV}.levels.row=8192"),
    "Levels.column": (f"machine base-die {GEMV}", f"{DEV}.levels.column=8"),
    "Burst.bytes": (f"machine base-die {GEMV}", f"{DEV}.burst.bytes=64"),
    "Burst.cycles": (f"machine base-die {GEMV}", f"{DEV}.burst.cycles=4"),
    "Constraint.level": (f"machine aim {SOFTMAX}", "memories.gddr.device.constraints.4.level=channel"),
    "Constraint.preceding": (f"machine aim {GEMV}", "memories.gddr.device.constraints.4.preceding=[WR, WRA]"),
    "Constraint.following": ("queue ddr4-2400 rand_mix33_s3", "constraints.0.following=[ACT]"),
    "Constraint.latency": ("queue ddr4-2400 rand_mix33_s3", "constraints.0.latency=[40]"),
    "Constraint.window": (f"machine aim {SOFTMAX}", "memories.gddr.device.constraints.9.window=4"),
    "Constraint.sibling": ("queue hbm3 rand_mix33_s3", "constraints.4.sibling=false"),
    "Constraint.limit": (f"machine attacc-bank {GEMV}", f"{DEV}.pim.constraints.0.limit=tFAW"),
    "Constraint.scope": (f"machine attacc-bank {GEMV}", f"{DEV}.pim.constraints.0.scope=bank_group"),
    "Refresh.mode": ("queue hbm3 seq_rd_bgint", "refresh.mode=per_bank"),
    "Refresh.interval": (
        "queue hbm3 rand_mix33_s3",
        "timings.tREFI=2000 timings.tRREFD=1000 | refresh.interval=tRREFD",
    ),
    "Refresh.cycle": (
        "machine base-die gemm m=64 n=4096 k=4096",
        f"{DEV}.timings.tREFI=600 | {DEV}.refresh.cycle=tRP",
    ),
    "Refresh.bank_interval": (
        "queue hbm3 rand_mix33_s3",
        "refresh.mode=per_bank | refresh.bank_interval=tREFI",
    ),
    "Refresh.level": ("queue hbm3 rand_mix33_s3", "timings.tREFI=2000 | refresh.level=channel"),
    "ColumnWake.cycles": (f"machine npu-lpddr5 {GEMV}", "memories.lpddr.device.column_wake.cycles=4"),
    "ColumnWake.read": (f"machine npu-lpddr5 {GEMV}", "memories.lpddr.device.column_wake.read=[burst]"),
    "ColumnWake.write": (f"machine cxl-pnm {ATTENTION}", "memories.lpddr.device.column_wake.write=[burst]"),
    "Pim.scopes": (f"refusal machine attacc-bank {GEMV}", f"{DEV}.pim.scopes=[bank_group]"),
    "Pim.mode": (f"machine hbm-pim {GEMV}", f"{DEV}.pim.mode=mixed"),
    "Pim.switch": ("machine lpddr5-pim gemv m=512 k=512", "memories.lpddr.device.pim.switch=[1000]"),
    "Pim.enter": (f"machine hbm-pim {GEMV}", f"{DEV}.pim.enter=[{{command: RD, row: 0}}]"),
    "Pim.exit": (f"machine hbm-pim {GEMV}", f"{DEV}.pim.exit=[{{command: RD, row: 0}}]"),
    "Pim.start": (f"machine hbm-pim {GEMV}", f"{DEV}.pim.start=[]"),
    "Pim.stop": (f"machine hbm-pim {GEMV}", f"{DEV}.pim.stop=[]"),
    "Step.command": (f"machine hbm-pim {GEMV}", f"{DEV}.pim.exit.1.command=WR"),
    "Step.banks": (f"machine hbm-pim {GEMV}", f"{DEV}.pim.exit.1.banks=[0]"),
    "Step.row": (
        f"machine hbm-pim {GEMV}",
        f"memories.hbm.controller.pim.kind=ahead | {DEV}.pim.enter.1.row=-4",
    ),
    "Step.column": (f"refusal machine hbm-pim {GEMV}", f"{DEV}.pim.enter.1.column=99"),
    "Step.count": (f"machine hbm-pim {GEMV}", f"{DEV}.pim.exit.1.count=16"),
    "ControllerSpec.pim": (f"machine hbm-pim {GEMV}", "memories.hbm.controller.pim={kind: ahead}"),
    "PimControllerSpec.kind": (f"machine hbm-pim {GEMV}", "memories.hbm.controller.pim.kind=ahead"),
    "PimControllerSpec.depth": (f"machine hbm-pim {GEMV}", "memories.hbm.controller.pim.depth=1"),
    "PimControllerSpec.ranks": (f"machine hbm-pim {GEMV}", "memories.hbm.controller.pim.ranks=2"),
    "Pim.registers": (
        f"machine hbm-pim {GEMV}",
        f"cores.pcu.vector.in_place=[] | {DEV}.pim.registers=buffer",
    ),
    "Pim.limits": (f"machine attacc-bank {GEMV}", f"{DEV}.pim.limits.power=false"),
    "Pim.constraints": (f"machine attacc-bank {GEMV}", f"{DEV}.pim.constraints.0.latency=[64]"),
    "Limits.tRRD": (f"machine attacc-bank {GEMV}", f"{DEV}.pim.limits.tRRD=true"),
    "Limits.tFAW": (f"machine attacc-bank {GEMV}", f"{DEV}.pim.limits.tFAW=true"),
    "Limits.t32AW": (
        f"machine attacc-bank {GEMV}",
        f"{DEV}.constraints.11.window=32 {DEV}.constraints.11.latency=[2000] | {DEV}.pim.limits.t32AW=true",
    ),
    "Limits.power": (f"machine attacc-bank {GEMV}", f"{DEV}.pim.limits.power=false"),
    "PowerLimit.window": (
        f"machine attacc-bank {GEMV}",
        f"{DEV}.pim.limits.power={{window: 1 us, activates: 64}} | {DEV}.pim.limits.power.window=9 us",
    ),
    "PowerLimit.activates": (
        f"machine attacc-bank {GEMV}",
        f"{DEV}.pim.limits.power={{window: 9 us, activates: 64}} | {DEV}.pim.limits.power.activates=512",
    ),
    "DeviceEnergy.activate": (f"machine base-die {GEMV}", f"{DEV}.energy.activate=10 nJ"),
    "DeviceEnergy.refresh": ("queue hbm3 long_rand_mix20_s6", "energy.refresh=1 uJ"),
    "DeviceEnergy.background": (f"machine base-die {GEMV}", f"{DEV}.energy.background=10 W"),
    "DeviceEnergy.background_precharged": ("queue hbm3 rand_rd_s1", "energy.background_precharged=10 W"),
    "DeviceEnergy.path": (f"machine base-die {GEMV}", f"{DEV}.energy.path.bank.array_to_bank=10 pJ/bit"),
    "DeviceEnergy.path_write": (
        "queue hbm3 seq_wr_bgint",
        "energy.path_write={bank: {array_to_bank: 10 pJ/bit}}",
    ),
    # flash
    "FlashSpec.family": ("sheet hbf", "family=HBF-like"),
    "FlashSpec.clock": (f"machine hbf-pnm {GEMV}", f"{FLASH}.clock=1 GHz"),
    "FlashSpec.channels": (f"machine hbf-pnm {GEMV}", f"{FLASH}.channels=8"),
    "FlashSpec.dies": ("sheet hbf", "dies=2"),
    "FlashSpec.die": (f"machine hbf-pnm {GEMV}", f"{FLASH}.die.planes=4"),
    "FlashSpec.page": (f"machine hbf-pnm {GEMV}", f"{FLASH}.page.read=40 us"),
    "FlashSpec.bus": (f"machine hbf-pnm {GEMV}", f"{FLASH}.bus.cycles=4"),
    "FlashSpec.registers": (
        "machine hbf-pnm gemv m=4096 k=8192",
        f"{FLASH}.page.read=40 us | {FLASH}.registers=1",
    ),
    "FlashSpec.read_ahead": ("machine hbf-pnm gemv m=4096 k=8192", f"{FLASH}.read_ahead=stream"),
    "FlashSpec.endurance": ("sheet hbf", "endurance.cycles=1000"),
    "FlashSpec.energy": (f"machine hbf-pnm {GEMV}", f"{FLASH}.energy.read=9 uJ"),
    "DieLevels.planes": (f"machine hbf-pnm {GEMV}", f"{FLASH}.die.planes=4"),
    "DieLevels.capacity": ("sheet hbf", "die.capacity=1 GiB"),
    "Page.bytes": (f"machine hbf-pnm {GEMV}", f"{FLASH}.page.bytes=4096"),
    "Page.read": (f"machine hbf-pnm {GEMV}", f"{FLASH}.page.read=40 us"),
    "Page.program": ("sheet hbf", "page.program=900 us"),
    "Bus.bytes": (f"machine hbf-pnm {GEMV}", f"{FLASH}.bus.bytes=128"),
    "Bus.cycles": (f"machine hbf-pnm {GEMV}", f"{FLASH}.bus.cycles=4"),
    "Endurance.cycles": ("sheet hbf", "endurance.cycles=1000"),
    "Endurance.write_amplification": ("sheet hbf", "endurance.write_amplification=4"),
    "FlashEnergy.read": (f"machine hbf-pnm {GEMV}", f"{FLASH}.energy.read=9 uJ"),
    "FlashEnergy.program": ("sheet hbf", "energy.program=90 uJ"),
    "FlashEnergy.background": (f"machine hbf-pnm {GEMV}", f"{FLASH}.energy.background=1 W"),
    "FlashEnergy.path": (f"machine hbf-pnm {GEMV}", f"{FLASH}.energy.path.vault.bank_to_tsv=30 pJ/bit"),
    # processes
    "ProcessSpec.clock": ("process n7 base base-die", "clock.usual=100 MHz"),
    "ProcessSpec.mac": ("process n7 base base-die", "mac.bf16.energy=9 pJ"),
    "ProcessSpec.vector": ("process n7 base base-die", "vector.energy=90 pJ"),
    "ProcessSpec.nonlinear": ("process n7 base base-die", "nonlinear.energy=90 pJ"),
    "ProcessSpec.registers": ("process n7 base base-die", "registers=9 pJ/bit"),
    "ProcessSpec.instruction": ("process n7 gpu xpu-a100", "instruction=90 pJ"),
    "ProcessSpec.sram": ("process n7 base base-die", "sram.energy=90 pJ"),
    "ProcessSpec.noc": ("process n7 logic hybrid-3d", "noc.router=9 pJ/bit"),
    "ProcessSpec.interface": ("process n7 gpu xpu-a100", "interface=9 pJ/bit"),
    "ProcessSpec.leakage": ("process n7 base base-die", "leakage.logic=1 W/mm2"),
    "ClockSpec.usual": ("process n7 base base-die", "clock.usual=100 MHz"),
    "ClockSpec.limit": ("refusal process n7 base base-die", "clock.limit=200 MHz"),
    "ClockSpec.tree": ("process n7 base base-die", "clock.tree=1 W/mm2"),
    "ClockSpec.supply": (SLOWED, "clock.supply={threshold: 0.2, exponent: 1.0, least: 0.3}"),
    "SupplySpec.threshold": (SLOWED, "clock.supply.threshold=0.1"),
    "SupplySpec.exponent": (SLOWED, "clock.supply.exponent=2.0"),
    "SupplySpec.least": (SLOWED, "clock.supply.least=0.9"),
    "OperationSpec.area": ("process n7 base base-die", "mac.bf16.area=3000 um2"),
    "OperationSpec.energy": ("process n7 base base-die", "mac.bf16.energy=9 pJ"),
    "SramSpec.cell": ("process n7 base base-die", "sram.cell=0.2 um2/bit"),
    "SramSpec.efficiency": ("process n7 base base-die", "sram.efficiency=0.1"),
    "SramSpec.access": ("process n7 base base-die", "sram.access=8 bit"),
    "SramSpec.energy": ("process n7 base base-die", "sram.energy=90 pJ"),
    "SramSpec.exponent": ("process n7 base base-die", "sram.exponent=0.9"),
    "SramSpec.write": ("process n7 base base-die", "sram.write=9.0"),
    "NocSpec.port": ("process n7 logic hybrid-3d", "noc.port=90 um2/bit"),
    "NocSpec.router": ("process n7 logic hybrid-3d", "noc.router=9 pJ/bit"),
    "NocSpec.wire": ("process n7 logic hybrid-3d", "noc.wire=9 pJ/bit/mm"),
    "NocSpec.pitch": ("process n7 logic hybrid-3d", "noc.pitch=90 mm"),
    "LeakageSpec.logic": ("process n7 base base-die", "leakage.logic=1 W/mm2"),
    "LeakageSpec.sram": ("process n7 base base-die", "leakage.sram=1 W/mm2"),
    "LeakageSpec.doubling": ("process n7 base base-die", "leakage.doubling=10 K"),
    **PACKAGING_EXAMPLES,
    # sweeps
    "SweepSpec.kernel": (
        "sweep gemv-placement",
        "options={m: [64], k: [64]} | kernel=gemm options={m: [64], k: [64], n: [64]}",
    ),
    "SweepSpec.options": ("sweep gemv-placement", "options.k=[64]"),
    "SweepSpec.machines": ("sweep gemv-placement", "machines=[aim]"),
    "SweepSpec.vary": ("sweep gemv-placement", "vary={cores.pe.per: [1, 2]}"),
    "SweepSpec.set": ("sweep gemv-placement", "set=[cores.pe.per=2]"),
    "SweepSpec.stacks": ("sweep gemv-placement", "stacks=5"),
    "SweepSpec.parallel": ("sweep gemv-placement", "parallel=tp"),
    "SweepSpec.fold": ("sweep gemv-placement", "fold=false"),
    "SweepSpec.duty": ("sweep gemv-placement", "duty=0.5"),
    "SweepSpec.throttle": ("sweep gemv-placement", "throttle=true"),
    # claims
    "ClaimsSpec.claims": ("claim closed_forms", "claims.0.value=1"),
    "ClaimSpec.id": ("claim closed_forms", "claims.0.id=another"),
    "ClaimSpec.unit": ("claim closed_forms", "claims.0.unit=another"),
    "ClaimSpec.kind": ("claim closed_forms", "claims.0.kind=headline"),
    "ClaimSpec.quantity": ("claim closed_forms", "claims.0.quantity=another"),
    "ClaimSpec.value": ("claim closed_forms", "claims.0.value=1"),
    "ClaimSpec.unit_of_value": (
        "claim closed_forms",
        "claims.0.tolerance=exact | claims.0.unit_of_value=another",
    ),
    "ClaimSpec.conditions": ("claim closed_forms", "claims.0.conditions=others"),
    "ClaimSpec.tolerance": ("claim closed_forms", "claims.0.tolerance=99 %"),
    "ClaimSpec.reason": ("claim closed_forms", "claims.0.reason=another"),
    "ClaimSpec.call": ("claim closed_forms", "claims.0.call.function=nowhere:f"),
    "CallSpec.function": ("claim closed_forms", "claims.0.call.function=nowhere:f"),
    "CallSpec.args": ("claim closed_forms", "claims.0.call.args={x: 1}"),
}
