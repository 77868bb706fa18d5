"""A kernel adds up its phases."""

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import Attention, Kernel, MatMul, Phase, RowWise

INT8 = FORMATS["int8"]
PROJECTION = MatMul.of("p", (1, 2, 3, 5), "weights", (INT8, INT8, INT8))
ATTENTION = Attention.of("a", (1, 1, 1, 1, 4), (2, 2), (INT8, INT8, INT8))
NORM = RowWise.of("n", "rmsnorm", (2, 3), 1, INT8, 3)


def test_phases_count_as_often_as_they_run() -> None:
    kernel = Kernel("k", {}, INT8, (Phase(4, (NORM, PROJECTION, ATTENTION)), Phase(1, (PROJECTION,))), (), 7)
    assert kernel.flops == 4 * (NORM.flops + PROJECTION.flops + ATTENTION.flops) + PROJECTION.flops
    assert kernel.macs == 5 * PROJECTION.macs + 4 * ATTENTION.macs
    assert kernel.bytes_min == 4 * (NORM.bytes_min + ATTENTION.bytes_min) + 5 * PROJECTION.bytes_min
    assert kernel.intensity == kernel.flops / kernel.bytes_min
    assert kernel.weights_bytes == 5 * 15 + 4 * 3
    assert kernel.kv_bytes == 4 * 16
    assert kernel.resident_bytes == {"weights": 5 * 15 + 4 * 3 + 7, "kv": 64, "activations": 16}
    assert kernel.capacity_bytes == sum(kernel.resident_bytes.values())
    assert [count for count, _ in kernel.operators()] == [4, 4, 4, 1]
    assert sum(phase.flops for phase in kernel.phases) == kernel.flops
