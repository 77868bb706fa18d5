"""The runs that have to reach the models: shipped machines x kernels x policies and devices, in small shapes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bankside.arch.dram.channel.policy import POLICIES
from bankside.arch.machine.machine import Machine, load_machine
from bankside.arch.spec import ConfigError, names
from bankside.kernels.catalog.catalog import build
from bankside.kernels.operators import Kernel
from bankside.kernels.run.simulate import simulate

SHAPES: dict[str, dict[str, Any]] = {
    "gemv": {"m": 40, "k": 70},
    "gemm": {"m": 10, "n": 24, "k": 40},
    "batched-gemm": {"batch": 3, "m": 5, "n": 24, "k": 16, "stationary": "kv"},
    "decode-attention": {"heads": 4, "kv_heads": 2, "head_dim": 32, "context": 77, "batch": 2},
    "prefill-attention": {"heads": 2, "kv_heads": 1, "head_dim": 32, "context": 40},
    "softmax": {"rows": 5, "cols": 300},
    "rmsnorm": {"rows": 5, "cols": 300},
    "layernorm": {"rows": 5, "cols": 300},
    "activation": {"rows": 5, "cols": 300, "function": "silu"},
}
MODEL = {
    "model_type": "mixtral", "hidden_act": "silu", "hidden_size": 32, "intermediate_size": 48,
    "num_attention_heads": 2, "num_key_value_heads": 1, "num_hidden_layers": 2, "vocab_size": 100,
    "num_local_experts": 2, "num_experts_per_tok": 1, "rms_norm_eps": 1e-05, "max_position_embeddings": 512,
    "torch_dtype": "bfloat16",
}  # fmt: skip
FORMATS = {"upmem": {"format": "int8"}}
"""Machines that have none of the default format's width."""

DEVICES_ON = {"memories.hbm.device": "xpu-h100", "memories.hbf.device": "hbf-pnm"}
"""Machines on which every shipped device is tried in the place of their own."""


def kernels(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and options; a small model is written into `folder`."""
    yield from SHAPES.items()
    config = folder / "tiny.json"
    config.write_text(json.dumps(MODEL), encoding="utf-8")
    yield "layer", {"model": str(config), "context": 40, "batch": 2}
    yield "layer", {"model": str(config), "context": 9, "stage": "prefill"}
    yield "decode-step", {"model": str(config), "context": 40}


def _machine(name: str, *overrides: str) -> Machine | None:
    """A machine, or None where an override does not fit it."""
    try:
        return load_machine(name, overrides)
    except ConfigError:
        return None


def _run(kernel: Kernel, machine: Machine | None, fold: bool = True) -> None:
    if machine is not None:
        simulate(kernel, machine, fold=fold)


def run_all(folder: Path) -> Iterator[str]:
    """Simulate everything, yielding the name of each part before it is run."""
    every = list(kernels(folder))
    for name in names("machines"):
        yield name
        own = FORMATS.get(name, {})
        for kernel, options in every:
            try:
                built = build(kernel, **options, **own)
            except ConfigError:
                built = build(kernel, **options)
            try:
                _run(built, load_machine(name))
            except ConfigError as error:  # a format that a core lacks
                yield f"  {kernel}: {error}"
        small = build("gemv", m=60, k=70, **own)
        for memory in load_machine(name).memories:
            for policy in POLICIES:
                _run(small, _machine(name, f"memories.{memory}.controller.policy={policy}"))
    for place, name in DEVICES_ON.items():
        for device in names("devices"):
            if ("hbf" in place) is not device.startswith("hbf"):
                continue
            yield f"{place}={device}"
            for policy in POLICIES:
                machine = _machine(name, f"{place}={device}", f"{place[:-7]}.controller.policy={policy}")
                _run(build("gemv", m=60, k=70), machine)
