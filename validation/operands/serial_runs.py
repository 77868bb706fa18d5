"""Our values for claims about kernels on machines of bit-serial elements."""

from collections.abc import Callable
from functools import cache
from math import fsum
from pathlib import Path
from typing import Any, Final

from bankside.arch.machine.machine import Machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.operators import Kernel, MatMul, Phase
from bankside.peers.bitmod import BUFFER_BYTE
from bankside.validation.bench import load_machine, simulate
from bankside.validation.operands.least_traffic import least_traffic
from bankside.validation.operands.pruned_models import INT8, MODELS

FOLDER: Final = Path(__file__).parents[1]
SERIAL: Final = FOLDER / "bbs_2024" / "machine.yaml"
SAT: Final = FOLDER / "bbs_2024" / "sat.yaml"
BITMOD: Final = FOLDER / "bitmod" / "machine.yaml"

COUNTED: Final = ("array_to_bank", "sram", "registers", "mac")
"""Parts of the energy that BBS's simulator has (sim/stripes.py): DRAM, buffers, and elements with their registers."""

LLAMAS: Final = {"llama-2-7b": 32, "llama-3-8b": 32}
"""Those of BitMoD's models that ship, and their layers."""


@cache
def _model(matmul: tuple[str, ...], phases: Callable[[], list[Phase]]) -> tuple[float, float]:
    """Time of one input of a model [s], and energy of what BitVert's authors count [J], with parameters of the elements
    set."""
    machine = _set(SERIAL, matmul)
    kernel = Kernel("model", {}, INT8, tuple(phases()))
    result = simulate(kernel, machine, mapping=least_traffic(kernel, machine))
    parts = result.document["energy"]["parts_j"]
    return result.time_s, fsum(parts[part] for part in COUNTED)


def _set(of: Path, matmul: tuple[str, ...]) -> Machine:
    return load_machine(str(of), [f"cores.pe.matmul.{one}" for one in matmul])


def bitvert_gain(quantity: str, pruned: int, sensitive: float) -> float:
    """Time or energy on Stripes' elements over that on BitVert's, the mean of BBS's models.

    Parameters
    ----------
    pruned
        Columns that are left out of all channels but a share `sensitive`.
    """
    gains = [gain_of(model, quantity, pruned, sensitive) for model in MODELS]
    return fsum(gains) / len(gains)


def gain_of(model: str, quantity: str, pruned: int, sensitive: float) -> float:
    """The gain of one of the models, see `bitvert_gain`."""
    which = ("time", "energy").index(quantity)
    bitvert = ("scheme=bitvert", "group=16")
    less, whole = (_model((*bitvert, f"pruned={count}"), MODELS[model])[which] for count in (pruned, 0))
    return _model((), MODELS[model])[which] / ((1 - sensitive) * less + sensitive * whole)


@cache
def _sat_s(group: int, keep: int) -> float:
    """Time of a product of which so many weights of every group are kept [s]."""
    machine = _set(SAT, ("scheme=nm-serial", f"group={group}", f"keep={keep}"))
    return simulate(build("gemm", m=512, n=4096, k=4096, format="int8"), machine).time_s


def sat_gain(keep: int, group: int, sparse: float) -> float:
    """Time of products with all weights over that with `keep` of every `group`, of which a share is `sparse`."""
    return 1 / ((1 - sparse) + sparse * _sat_s(group, keep) / _sat_s(group, group))


@cache
def _llama(model: str, weights: str, kernel: str) -> float:
    """Time of a token of a model after 256 ones, or of a layer with all of these [s]."""
    options: dict[str, Any] = {"model": model, "context": 256, "batch": 1, "format": "fp16"}
    elements = {"layer": (32, 32), "decode-step": (64, 16)}[kernel]
    change = [
        f"cores.pe.matmul.{name}={count}" for name, count in zip(("rows", "cols"), elements, strict=True)
    ]
    if weights == "fp16":
        rows, cols = elements[0], {"layer": 24, "decode-step": 12}[kernel]
        whole = f"unit: bit-serial, scheme: bit-parallel, group: 1, rows: {rows}, cols: {cols}"
        change = [f"cores.pe.matmul={{_replace: true, {whole}}}"]
    if kernel == "layer":
        options["stage"] = "prefill"
    built = build(kernel, **options, weights_format=weights)
    pins = _by_inputs(built) if kernel == "layer" else ()
    return simulate(built, load_machine(str(BITMOD), change), mapping=pins).time_s


def _by_inputs(kernel: Kernel) -> tuple[PinSpec, ...]:
    """Products as that accelerator takes them: inputs in as many equal parts as its buffer of these needs, past each of
    which all weights are read."""
    products = {op.label: op for _, op in kernel.operators() if isinstance(op, MatMul) and op.weights_bytes}
    return tuple(
        PinSpec(operator=label, tile={"m": -(-op.m // -(-op.a.bytes // BUFFER_BYTE))})
        for label, op in products.items()
    )


def bitmod_gain(tokens: int, prompt: bool) -> float:
    """Time of Llamas with fp16 weights on as large an array of fp16 multipliers over that with int6 ones on BitMoD's,
    of so many tokens behind a prompt of 256, which is counted or not; the mean of the models."""
    gains = []
    for model, layers in LLAMAS.items():
        times = [
            tokens * _llama(model, weights, "decode-step")
            + (layers * _llama(model, weights, "layer") if prompt else 0.0)
            for weights in ("fp16", "int6_g128")
        ]
        gains.append(times[0] / times[1])
    return sum(gains) / len(gains)
