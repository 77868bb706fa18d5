"""Examples of the fields of kernels' software and of caches, see `field_examples`."""

from tests.properties.example_kernels import ATTENTION, GEMM, SOFTMAX

GPU = f"machine xpu-h100 {GEMM}"
WIDE = "softmax rows=1728 cols=8192"
DEEP = "machine xpu-h100 gemm m=16 n=256 k=8192"

KERNEL_EXAMPLES: dict[str, tuple[str, str]] = {
    "PathLevelSpec.cache": (GPU, "path.host.cache={size: 2 MiB, bandwidth: 1 TB/s, port: 64 B}"),
    "CacheSpec.size": (GPU, "path.host.cache.size=2 MiB"),
    "CacheSpec.bandwidth": (DEEP, "path.host.cache.bandwidth=0.1 TB/s"),
    "CacheSpec.port": (DEEP, "path.host.cache.port=1 B"),
    "CacheSpec.multicast": (GPU, "path.host.cache.multicast=1"),
    "CoreSpec.floor": (GPU, "cores.sm.floor={product: 9 us}"),
    "FloorSpec.product": (GPU, "cores.sm.floor.product=9 us"),
    "FloorSpec.attention": (f"machine xpu-h100 {ATTENTION}", "cores.sm.floor.attention=1 us"),
    "FloorSpec.rowwise": (f"machine xpu-h100 {SOFTMAX}", "cores.sm.floor.rowwise=3 us"),
    "CoreSpec.rows": (f"machine xpu-a100 {WIDE}", "cores.sm.rows={softmax: 64}"),
    "RowsSpec.softmax": (f"machine xpu-a100 {WIDE}", "cores.sm.rows.softmax=64"),
    "RowsSpec.norm": ("machine xpu-a100 layernorm rows=1728 cols=8192", "cores.sm.rows.norm=1"),
    "CoreSpec.blocks": (GPU, "cores.sm.blocks=null"),
    "ThreadBlocksSpec.rows": (GPU, "cores.sm.blocks.rows=[64]"),
    "ThreadBlocksSpec.columns": (GPU, "cores.sm.blocks.columns=[256]"),
    "ThreadBlocksSpec.outputs": ("machine xpu-h100 gemm m=512 n=4096 k=512", "cores.sm.blocks.outputs=2048"),
    "ThreadBlocksSpec.slices": (DEEP, "cores.sm.blocks.slices=1"),
    "ThreadBlocksSpec.sum": (DEEP, "cores.sm.blocks.sum=9 us"),
    "ThreadBlocksSpec.stages": (DEEP, "cores.sm.blocks.stages=2"),
    "ThreadBlocksSpec.reach": (DEEP, "cores.sm.blocks.reach=0.1"),
    "ThreadBlocksSpec.issue": (DEEP, "cores.sm.blocks.issue=0.05"),
}
