"""Formats that a matrix unit multiplies side by side: where the unit binds they are as much faster, elsewhere not."""

import pytest

import bankside as bs


def time_s(machine: str, m: int, *sets: str, **formats: str) -> float:
    kernel = bs.kernel("gemm", m=m, n=4096, k=4096, **formats)
    return float(bs.simulate(kernel, bs.machine(machine, sets)).document["time_s"])


def test_a_large_product_is_nearly_twice_as_fast() -> None:
    free = "power_limit=null"
    wide, narrow = (time_s("xpu-h100", 4096, free, format=name) for name in ("fp16", "fp8_e4m3"))
    assert 1.8 < wide / narrow <= 2.0


def test_the_wider_operand_decides() -> None:
    plain = time_s(
        "xpu-h100", 4096, "cores.sm.matmul.packing.fp8_e4m3=1", format="bf16", weights_format="fp8_e4m3"
    )
    assert time_s("xpu-h100", 4096, format="bf16", weights_format="fp8_e4m3") == plain


def test_faults_of_packing_are_told() -> None:
    with pytest.raises(bs.ConfigError, match="packing names int4, which is none of the core's formats"):
        bs.machine("hybrid-3d", ["cores.pe.matmul.packing={int4: 4}"])
    with pytest.raises(
        bs.ConfigError, match="skips names int4_2:4, which is not N of every M elements of one"
    ):
        bs.machine("hybrid-3d", ["cores.pe.matmul.skips={int4_2:4: 1}"])
    with pytest.raises(bs.ConfigError, match=r"there is no 'packing' in cores\.pe\.vector"):
        bs.machine("hybrid-3d", ["cores.pe.vector.packing={bf16: 2}"])
