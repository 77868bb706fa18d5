"""The runs that have to reach the models: shipped machines x kernels x policies and devices, in small shapes."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bankside.arch.dram.channel.policy import POLICIES
from bankside.arch.machine.machine import Machine, load_machine
from bankside.arch.spec import ConfigError, names
from bankside.kernels.catalog.catalog import build
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

DEVICES_ON = {"memories.hbm.device": "xpu-h100", "memories.hbf.flash": "hbf-pnm"}
"""Machines on which every shipped device is tried in the place of their own."""


def kernels(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and options; a small model is written into `folder`."""
    yield from SHAPES.items()
    config = folder / "tiny.json"
    config.write_text(json.dumps(MODEL), encoding="utf-8")
    yield "layer", {"model": str(config), "context": 40, "batch": 2}
    yield "layer", {"model": str(config), "context": 9, "stage": "prefill"}
    yield "decode-step", {"model": str(config), "context": 40}


def _fitting(name: str, *overrides: str) -> Iterator[Machine]:
    """A machine, or none where an override does not fit it: a policy for flash, a device without its timings."""
    with suppress(ConfigError):
        yield load_machine(name, overrides)


def run_all(folder: Path) -> Iterator[str]:
    """Simulate everything, yielding the name of each part before it is run."""
    every = list(kernels(folder))
    for name in names("machines"):
        yield name
        own = FORMATS.get(name, {})
        for kernel, options in every:
            simulate(build(kernel, **options, **own), load_machine(name))
        for memory in load_machine(name).memories:
            for policy in POLICIES:
                for machine in _fitting(name, f"memories.{memory}.controller.policy={policy}"):
                    simulate(build("gemv", m=60, k=70, **own), machine)
    for place, name in DEVICES_ON.items():
        memory, key = place.rsplit(".", 1)
        for device in names("devices"):
            if (key == "flash") is not device.startswith("hbf"):
                continue
            yield f"{place}={device}"
            for policy in POLICIES if key == "device" else [""]:
                overrides = [f"{place}={device}"] + [f"{memory}.controller.policy={policy}"] * bool(policy)
                for machine in _fitting(name, *overrides):
                    simulate(build("gemv", m=60, k=70), machine)
