"""Of every field of the units of a core, an example as in `field_examples`."""

from tests.properties.example_kernels import ATTENTION, GEMM, GEMV, SOFTMAX, VECTORS

PE_UNIT = "cores.pe.nonlinear"
OWN_METHODS = {
    "exp": "softmax rows=64 cols=512",
    "reciprocal": "softmax rows=64 cols=512",
    "rsqrt": "rmsnorm rows=64 cols=512",
    "sigmoid": "activation function=sigmoid rows=64 cols=512",
    "tanh": "activation function=tanh rows=64 cols=512",
    "gelu": "activation function=gelu rows=64 cols=512",
    "silu": "activation function=silu rows=64 cols=512",
    "rope": "layer model=llama-3-8b context=64",
}
"""Kernels that evaluate a function."""

METHOD_OPTIONS = {
    "segments": ("method: pwl", "segments: 40"),
    "entries": ("method: lut", "entries: 40"),
    "degree": ("method: poly", "degree: 5"),
    "iterations": ("method: cordic", "iterations: 24"),
    "folded": ("method: cordic", "folded: true"),
    "fit": ("method: pwl", "fit: interpolating"),
    "spacing": ("method: pwl", "spacing: optimal"),
    "precision": ("method: pwl", "precision: bf16"),
    "fraction": ("method: pwl, precision: fixed", "fraction: 8"),
    "rounding": ("method: pwl, precision: fixed, fraction: 8", "rounding: truncate"),
    "low": ("method: lut", "low: -2"),
    "high": ("method: lut", "high: 2"),
}
"""What stands on both sides, and the option that is added."""

UNIT_EXAMPLES: dict[str, tuple[str, str]] = {
    "Scratchpad.size": (f"machine base-die {GEMM}", "cores.pe.sram.size=64 KiB"),
    "Scratchpad.banks": (f"machine base-die {GEMM}", "cores.pe.sram.banks=1"),
    "Scratchpad.width": (f"machine base-die {GEMM}", "cores.pe.sram.width=2 B"),
    "Scratchpad.ports": (f"machine base-die {GEMM}", "cores.pe.sram.width=2 B | cores.pe.sram.ports=8"),
    "Scratchpad.granule": (
        f"machine base-die {GEMM}",
        "cores.pe.sram.layout=rows | cores.pe.sram.granule=4",
    ),
    "Scratchpad.layout": (f"machine base-die {GEMM}", "cores.pe.sram.layout=skewed"),
    "Scratchpad.shared": (f"machine aim {GEMV}", "cores.pu.sram.shared=false"),
    "SystolicArrays.rows": (f"machine base-die {GEMM}", "cores.pe.matmul.rows=8"),
    "SystolicArrays.cols": (f"machine base-die {GEMM}", "cores.pe.matmul.cols=8"),
    "SystolicArrays.dataflow": (f"machine base-die {GEMM}", "cores.pe.matmul.dataflow=os"),
    "SystolicArrays.arrays": (f"machine base-die {GEMM}", "cores.pe.matmul.arrays=2"),
    "SystolicArrays.shadow": (f"machine base-die {GEMM}", "cores.pe.matmul.shadow=false"),
    "SystolicArrays.chain": (f"machine base-die {GEMM}", "cores.pe.matmul.chain=8"),
    "SystolicArrays.narrow": ("machine xpu-h100 gemm m=4 n=512 k=512", "cores.sm.matmul.narrow=1"),
    "SystolicArrays.group": (f"machine base-die {GEMM}", "cores.pe.matmul.group=48"),
    "SystolicArrays.packing": (f"machine base-die {GEMM} format=int8", "cores.pe.matmul.packing={int8: 2}"),
    "SweepSpec.tensors": ("sweep gemv-placement", "tensors=[laplace]"),
    "SystolicArrays.skips": (
        f"machine base-die {GEMM} weights_format=bf16_2:4",
        "cores.pe.matmul.skips={'bf16_2:4': 0.9}",
    ),
    "DotLanes.skips": (
        f"machine base-die {GEMM} weights_format=bf16_2:4",
        "cores.pe.matmul={unit: lanes, lanes: 32} | cores.pe.matmul.skips={'bf16_2:4': 0.9}",
    ),
    "BitSerial.scheme": (f"machine base-die-bitmod {GEMV} format=int8", "cores.pe.matmul.scheme=bitvert"),
    "BitSerial.rows": (f"machine base-die-bitwave {GEMV} format=int8", "cores.pe.matmul.rows=2"),
    "BitSerial.cols": (f"machine base-die-bitwave {GEMM} format=int8", "cores.pe.matmul.cols=1"),
    "BitSerial.group": (f"machine base-die-bitwave {GEMV} format=int8", "cores.pe.matmul.group=16"),
    "BitSerial.encoding": (
        f"machine base-die-bitwave {GEMV} format=int8",
        "cores.pe.matmul.encoding=twos-complement",
    ),
    "BitSerial.shift_bits": (
        f"machine base-die-bitmod {GEMM} format=int8",
        "cores.pe.matmul.scheme=pragmatic cores.pe.matmul.rows=4 | cores.pe.matmul.shift_bits=0",
    ),
    "BitSerial.keep": (f"machine base-die-uspe {GEMV}", "cores.pe.matmul.keep=1"),
    "BitSerial.mask": (
        f"machine base-die-uspe {GEMV}",
        "cores.pe.matmul.group=8 | cores.pe.matmul.mask=index",
    ),
    "BitSerial.port": (
        f"machine base-die-uspe {GEMM}",
        "cores.pe.matmul.rows=4 | cores.pe.matmul.port=1",
    ),
    "BitSerial.pruned": (f"machine base-die-bitwave {GEMV} format=int8", "cores.pe.matmul.pruned=4"),
    "BitSerial.planes": (
        f"machine base-die-uspe {GEMM} weights_format=int4_g128",
        "cores.pe.matmul={_replace: true, unit: bit-serial, scheme: anda, rows: 16} "
        "cores.pe.formats=[bf16, int4] | cores.pe.matmul.planes=3",
    ),
    "BitSerial.queue": (
        f"machine base-die-uspe {GEMV} format=int8 weights_format=int8_rle_d25",
        "cores.pe.matmul={_replace: true, unit: bit-serial, scheme: eie, rows: 16} | cores.pe.matmul.queue=1",
    ),
    "BitSerial.activations": (
        f"machine base-die-uspe {GEMM} format=int8 weights_format=int8_bitmap_d25",
        "cores.pe.matmul={_replace: true, unit: bit-serial, scheme: sparten, rows: 4} "
        "| cores.pe.matmul.activations=relu",
    ),
    "BitSerial.run_ahead": (
        f"machine base-die-bitwave {GEMM} format=int8",
        "cores.pe.matmul.pruned=0 cores.pe.matmul.rows=4 | cores.pe.matmul.run_ahead=2",
    ),
    "DotLanes.lanes": (
        f"machine base-die {GEMM}",
        "cores.pe.matmul={unit: lanes, lanes: 32} | cores.pe.matmul.lanes=64",
    ),
    "DotLanes.lanes_per_byte": (
        f"machine base-die {GEMM}",
        "cores.pe.matmul={unit: lanes, lanes_per_byte: 0.5} | cores.pe.matmul.lanes_per_byte=2",
    ),
    "DotLanes.packing": (
        f"machine base-die {GEMM} format=int8",
        "cores.pe.matmul={unit: lanes, lanes: 32} | cores.pe.matmul.packing={int8: 2}",
    ),
    "VectorLanes.lanes": (f"machine base-die {GEMV}", "cores.pe.vector.lanes=4"),
    "VectorLanes.lanes_per_byte": (
        f"machine base-die {GEMV}",
        "cores.pe.vector={lanes_per_byte: 0.5} | cores.pe.vector.lanes_per_byte=0.01",
    ),
    "VectorLanes.in_place": (f"machine hbm-pim {VECTORS}", "cores.pcu.vector.in_place=[mul]"),
    "BankLanes.in_place": (
        f"machine hbm-pim {VECTORS}",
        "cores.pcu.vector={unit: bank-lanes, lanes: 16, in_place: [add]} | cores.pcu.vector.in_place=[mul]",
    ),
    "BankLanes.lanes": (
        f"machine attacc-bank {GEMV}",
        "cores.pe.vector={unit: bank-lanes, lanes: 32} | cores.pe.vector.lanes=2",
    ),
    "BankLanes.lanes_per_byte": (
        f"machine attacc-bank {GEMV}",
        "cores.pe.vector={unit: bank-lanes, lanes_per_byte: 0.5} | cores.pe.vector.lanes_per_byte=0.1",
    ),
    "SpecialFunctions.method": (f"machine aim {ATTENTION}", "cores.controller.nonlinear.method=lut"),
    "SpecialFunctions.lanes": (f"machine base-die {SOFTMAX}", "cores.pe.nonlinear.lanes=1"),
    "SpecialFunctions.adders": (
        f"machine base-die {SOFTMAX}",
        "cores.pe.nonlinear.softmax=three-pass | cores.pe.nonlinear.adders=64",
    ),
    "SpecialFunctions.softmax": (f"machine base-die {SOFTMAX}", "cores.pe.nonlinear.softmax=ita"),
    **{
        f"SpecialFunctions.{name}": (f"machine base-die {kernel}", f"{PE_UNIT}.{name}={{method: cordic}}")
        for name, kernel in OWN_METHODS.items()
    },
    **{
        f"SpecialFunctions.{name}": (
            f"machine base-die {OWN_METHODS['gelu']}",
            f"{PE_UNIT}={{lanes: 16, {given}}} | {PE_UNIT}={{lanes: 16, {given}, {added}}}",
        )
        for name, (given, added) in METHOD_OPTIONS.items()
    },
    **{
        f"MethodSpec.{name}": (
            f"machine base-die {OWN_METHODS['gelu']}",
            f"{PE_UNIT}.gelu={{{given}}} | {PE_UNIT}.gelu={{{given}, {added}}}",
        )
        for name, (given, added) in METHOD_OPTIONS.items()
    },
    "MethodSpec.method": (f"machine base-die {OWN_METHODS['gelu']}", f"{PE_UNIT}.gelu={{method: lut}}"),
}
