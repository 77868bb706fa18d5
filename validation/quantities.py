"""Our values for claims: each function gives one number in the unit that its docstring names."""

from pathlib import Path
from typing import Final

from bankside.kernels.catalog.catalog import build
from bankside.kernels.formats import FORMATS
from bankside.kernels.models import load as load_model
from bankside.kernels.models import parameters

_CHECKPOINTS: Final = Path(__file__).parent / "checkpoints" / "models"


def kv_kbyte_per_token(model: str, format: str = "bf16") -> float:
    """KV cache of one token over all layers [kB = 1000 byte]."""
    return load_model(model).kv_bytes_per_token(FORMATS[format]) / 1000


def checkpoint_parameters(model: str) -> float:
    """Parameters of a model whose config.json stands in checkpoints/models."""
    return float(parameters(load_model(_CHECKPOINTS / f"{model}.json")).total)


def checkpoint_kv_elements(model: str) -> float:
    """Elements that all layers of such a model cache per token."""
    return float(load_model(_CHECKPOINTS / f"{model}.json").kv_elements_per_token)


def kv_kibyte_per_token(model: str, format: str = "bf16") -> float:
    """KV cache of one token over all layers [KiB = 1024 byte]."""
    return load_model(model).kv_bytes_per_token(FORMATS[format]) / 1024


def layer_intensity(model: str, context: int, part: str, format: str = "int8") -> float:
    """FLOP per least byte of the projections of one prefill layer in `part` ("attn" or "mlp") [FLOP/byte]."""
    kernel = build("layer", model=model, context=context, stage="prefill", format=format)
    flops = least_byte = 0
    for count, operator in kernel.operators():
        if operator.label.startswith(f"{part}.") and operator.label.endswith("_proj"):
            flops += count * operator.flops
            least_byte += count * operator.bytes_min
    return flops / least_byte


def stack_gbyte_per_s(device: str, clock: str | None = None) -> float:
    """Peak bandwidth of one stack at its interface, from the device's own burst and timings [GB/s].

    `clock` sets the command clock where the published speed grade is another than the file's.
    """
    from bankside.arch.dram.device.device import DeviceSpec
    from bankside.arch.dram.device.peak import peak_bytes_per_s
    from bankside.arch.dram.device.standard import compile_standard
    from bankside.arch.spec import load

    overrides = [] if clock is None else [f"clock={clock}"]
    standard = compile_standard(load(device, "devices", DeviceSpec, overrides).spec)
    return float(peak_bytes_per_s(standard, "vault")) * standard.channels / 1e9
