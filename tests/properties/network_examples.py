"""Examples of the fields of networks and links, see `field_examples`."""

from tests.properties.example_kernels import GEMM, GEMV

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


NETWORK_EXAMPLES: dict[str, tuple[str, str]] = {
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
    "NetworkSpec.combine": (
        SHARED.replace("/ 2", "/ 4"),
        f"{moved_by('')} | {moved_by('', more=', combine: true')}",
    ),
    "NetworkSpec.equal": (PAIR, f"{moved_by('')} | {HOST}.equal={{to: full, by: links}}"),
    "EqualSpec.to": (PAIR, f"{moved_by('', more=', equal: {to: switch, by: links}')} | {HOST}.equal.to=full"),
    "EqualSpec.by": (PAIR, f"{moved_by('', more=', equal: {to: full}')} | {HOST}.equal.by=links"),
    "NetworkSpec.forward": (PAIR, f"{moved_by('')} | {HOST}.forward=whole"),
    "NetworkSpec.software": (
        PAIR,
        f"{moved_by(', base: 9 us}, {name: q, software: t')} | {HOST}.software=[s]",
    ),
    "NetworkSpec.chunks": (SHARED.replace("/ 2", "/ 4"), f"{moved_by('')} | {HOST}.chunks=4"),
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
    "RouterNetworkSpec.moved": (
        "machine base-die layer model=mixtral-8x7b context=64 batch=64 / 8 ep",
        f"{HOST}={{topology: ring, multicast: false, router: {{vcs: 4}}, link: {LINK}}} | {HOST}.router.moved=packets",
    ),
    "LinkSpec.width": (f"machine hybrid-3d {GEMM}", "path.vault.network.link.width=16 bit"),
    "LinkSpec.clock": (f"machine hybrid-3d {GEMM}", "path.vault.network.link.clock=100 MHz"),
    "LinkSpec.bandwidth": (f"machine xpu-h100 {GEMM} / 2", "path.host.network.link.bandwidth=1 GB/s"),
    "LinkSpec.latency": (PAIR, f"{moved_by('')} | {HOST}.link.latency=5 us"),
    "LinkSpec.hop": (f"machine hybrid-3d {GEMM}", "path.vault.network.link.hop=40"),
    "LinkSpec.energy": (f"machine xpu-h100 {GEMM} / 2", "path.host.network.link.energy=100 pJ/bit"),
    "WaySpec.width": (f"machine xpu-h100 {GEMV}", f"{WAY} | path.host.link.width=128 bit"),
    "WaySpec.clock": (f"machine xpu-h100 {GEMV}", f"{WAY} | path.host.link.clock=2 GHz"),
    "WaySpec.bandwidth": (f"machine xpu-h100 {GEMV}", "path.host.link.bandwidth=1 GB/s"),
    "WaySpec.latency": (f"machine xpu-h100 {GEMV}", "path.host.link.latency=5 us"),
    "WaySpec.hop": (f"refusal machine xpu-h100 {GEMV}", "path.host.link.hop=4000"),
    "WaySpec.energy": (f"machine xpu-h100 {GEMV}", "path.host.link.energy=100 pJ/bit"),
    "WaySpec.protocols": (
        f"refusal machine xpu-h100 {GEMV}",
        "path.host.link.protocols=[{name: p, software: s}]",
    ),
}
