"""The runs that have to reach the models: shipped machines x kernels x policies, devices, settings; small shapes."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from tests.arch.dram.device.foreign_files import DRAMSIM3, PIM, ini, ramulator2
from tests.reach.refusals import refusals
from tests.reach.settings import SETTINGS
from tests.remembering import no_brief_kinds, remembering

from bankside.arch.dram.channel.policy import POLICIES
from bankside.arch.machine.machine import Machine, load_machine
from bankside.arch.spec import ConfigError, names
from bankside.kernels.catalog.catalog import build
from bankside.kernels.operands.values import Values
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
MORE: dict[str, tuple[str, dict[str, Any]]] = {
    "stream": ("softmax", {"rows": 64, "cols": 2048}),
    "relu": ("activation", {"rows": 5, "cols": 300, "function": "relu"}),
    "gelu": ("activation", {"rows": 5, "cols": 300, "function": "gelu"}),
    "tanh": ("activation", {"rows": 5, "cols": 300, "function": "tanh"}),
    "int8": ("gemm", {"m": 10, "n": 24, "k": 64, "format": "int8"}),
    "passes": ("gemm", {"m": 6000, "n": 40, "k": 70}),
    "caches": ("decode-attention", {"heads": 4, "kv_heads": 2, "head_dim": 32, "context": 9000, "batch": 2}),
    "long": ("gemv", {"m": 16, "k": 2048}),
    "prompts": ("prefill-attention", {"heads": 4, "kv_heads": 2, "head_dim": 64, "context": 600}),
    "codes": ("gemm", {"m": 10, "n": 24, "k": 40, "weights_format": "nf4"}),
    "sparse": ("gemm", {"m": 10, "n": 24, "k": 40, "weights_format": "bf16_2:4"}),
    "vectors": ("elementwise", {"function": "add", "elements": 9000, "format": "int32"}),
    **{
        function: ("traversal", {"function": function, "elements": 9000})
        for function in ("sum", "prefix_sum", "select", "unique", "histogram")
    },
    **{way: ("transfer", {"way": way, "bytes": 9000}) for way in ("scatter", "broadcast", "gather")},
    "embedding": ("embedding", {"tables": 2, "rows": 900, "dim": 24, "batch": 3, "pooling": 5}),
    "lookups": ("embedding", {"tables": 2, "rows": 900, "dim": 24, "batch": 12, "pooling": 20}),
    "int32": ("gemv", {"m": 40, "k": 7000, "format": "int32"}),
    "kept": ("batched-gemm", {"batch": 3, "m": 5, "n": 24, "k": 16, "stationary": "kv", "format": "int8"}),
    "masked": ("gemm", {"m": 10, "n": 24, "k": 128, "format": "int8", "weights_format": "int8_bitmap_d25"}),
    "in runs": ("gemm", {"m": 10, "n": 24, "k": 64, "format": "int8", "weights_format": "int8_rle_d25"}),
    "planes": ("gemm", {"m": 10, "n": 24, "k": 64, "weights_format": "int4_g64"}),
    **{
        keep: ("decode-attention", SHAPES["decode-attention"] | {"keep": keep, "budget": 16, "page": 16})
        for keep in ("quest", "nsa")
    },
    "wide norm": ("layernorm", {"rows": 120, "cols": 110_000}),
    "prompt": ("decode-attention", SHAPES["decode-attention"] | {"candidates": 2, "prompt": 50}),
    "guesses": ("decode-attention", SHAPES["decode-attention"] | {"tokens": 3}),
    "int4": ("gemm", {"m": 10, "n": 24, "k": 40, "format": "int4"}),
}
"""What settings need beside `SHAPES` and the models."""

MIXTRAL = {
    "model_type": "mixtral", "hidden_act": "silu", "hidden_size": 32, "intermediate_size": 48,
    "num_attention_heads": 2, "num_key_value_heads": 1, "num_hidden_layers": 2, "vocab_size": 100,
    "num_local_experts": 2, "num_experts_per_tok": 1, "rms_norm_eps": 1e-05, "max_position_embeddings": 512,
    "torch_dtype": "bfloat16",
}  # fmt: skip
MAMBA = {
    "model_type": "mamba", "architectures": ["MambaForCausalLM"], "torch_dtype": "bfloat16", "hidden_size": 32,
    "state_size": 4, "num_hidden_layers": 1, "vocab_size": 100, "conv_kernel": 4, "expand": 2, "time_step_rank": 2,
}  # fmt: skip
FORMATS = {"upmem": {"format": "int8"}}
"""Machines that have none of the default format's width."""

DEVICE_OF_HOST = "memories.hbm.device"
CURRENTS = "VDD=1.2\nIDD0=48\nIDD2N=34\nIDD3N=43\nIDD4W=123\nIDD4R=135\nIDD5AB=250\n"
DEVICES_ON = {DEVICE_OF_HOST: "xpu-h100", "memories.hbf.flash": "hbf-pnm"}
"""Machines on which every shipped device is tried in the place of their own."""

STORING = ("base-die-bitwave", "base-die-uspe", "attacc-bank-bitwave", "attacc-bank-uspe")
"""Machines whose units store weights by their values."""

Kernels = dict[str, tuple[str, dict[str, Any]]]


def kernels(folder: Path) -> Kernels:
    """What runs on every machine: builder and options of each by a name; small models are written into `folder`."""
    mixtral, mamba = folder / "mixtral.json", folder / "mamba.json"
    mixtral.write_text(json.dumps(MIXTRAL), encoding="utf-8")
    mamba.write_text(json.dumps(MAMBA), encoding="utf-8")
    return {name: (name, options) for name, options in SHAPES.items()} | {
        "layer": ("layer", {"model": str(mixtral), "context": 40, "batch": 2}),
        "prefill": ("layer", {"model": str(mixtral), "context": 9, "stage": "prefill"}),
        "decode-step": ("decode-step", {"model": str(mixtral), "context": 40}),
        "state": ("layer", {"model": str(mamba), "context": 9}),
        "states": ("layer", {"model": str(mamba), "context": 9, "stage": "prefill"}),
    }


def _fitting(name: str, *overrides: str) -> Iterator[Machine]:
    """A machine, or none where an override does not fit it: a policy for flash, a device without its timings."""
    with suppress(ConfigError):
        yield load_machine(name, overrides)


def _machine(name: str, every: Kernels) -> None:
    """All kernels with channels that remember, one with others, and one under every policy."""
    own = FORMATS.get(name, {})
    with no_brief_kinds():
        for builder, options in every.values():
            simulate(build(builder, **options, **own), load_machine(name), memo=remembering())
    simulate(build("gemv", m=60, k=70, **own), load_machine(name))
    for memory in load_machine(name).memories:
        for policy in POLICIES:
            for machine in _fitting(name, f"memories.{memory}.controller.policy={policy}"):
                simulate(build("gemv", m=60, k=70, **own), machine)


def _device(place: str, name: str, device: str, policy: str) -> None:
    memory, key = place.rsplit(".", 1)
    overrides = [f"{place}={device}"] + [f"{memory}.controller.policy={policy}"] * (key == "device")
    for machine in _fitting(name, *overrides):
        simulate(build("gemv", m=60, k=70), machine)


def _foreign(folder: Path) -> None:
    """Machines whose DRAM is told by files of other tools."""
    texts = {f"{name}.ini": ini(name) for name in DRAMSIM3} | {
        "currents.ini": f"{ini(DRAMSIM3[0])}\n[power]\n{CURRENTS}",
        "pim.ini": PIM,
        "presets.yaml": ramulator2("HBM2_8Gb", "HBM2_2000Mbps"),
        "changed.yaml": ramulator2("DDR4_8Gb_x8", "DDR4_2400U").replace("2400U}", "2400U, nCL: 20}"),
    }
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        machine = load_machine("xpu-h100", (f"{DEVICE_OF_HOST}={path}",))
        simulate(build("gemv", m=60, k=70), machine)


def _setting(target: str, kernel: tuple[str, dict[str, Any]], overrides: tuple[str, ...]) -> None:
    name, _, packages = target.partition(" / ")
    machine = load_machine(name, overrides)
    if packages:
        machine = load_machine(name, overrides, int(packages) * machine.stacks)
    with no_brief_kinds():
        simulate(build(kernel[0], **kernel[1]), machine, memo=remembering())


def _stored(machine: str) -> None:
    """Weights that are given, of which tiles take what their own values decide."""
    array = np.arange(24 * 64).reshape(24, 64) % 7 * (np.arange(64) % 4 < 2)
    kernel = build("gemm", m=10, n=24, k=64, format="int8")
    own = Values("gemm", "given", digest="given", array=array)
    simulate(replace(kernel, values=(own,)), load_machine(machine))


def parts(folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Everything, part by part: its name, and what simulates it."""
    every = kernels(folder)
    for name in names("machines"):
        yield f"machine {name}", partial(_machine, name, every)
    policies = cycle(POLICIES)  # every machine has run under all of them: a device is tried under one
    for place, name in DEVICES_ON.items():
        for device in names("devices"):
            if place.endswith("flash") is device.startswith("hbf"):
                yield f"device {device}", partial(_device, place, name, device, next(policies))
    yield "device of other tools", partial(_foreign, folder)
    known = every | MORE
    for target, kernel, overrides in SETTINGS:
        yield (
            f"setting {target} {kernel} {' '.join(overrides)}",
            partial(_setting, target, known[kernel], overrides),
        )
    for name in STORING:
        yield f"stored {name}", partial(_stored, name)
    for name, run in refusals(folder):
        yield f"refused {name}", run
