"""Power of whole runs of language models, as a meter on the board reads it: prompts first, then token after token.

Energy comes from our runs, the pace from the measurement: `ms` is the measured time of a run over the tokens that it
made, so that what the host's software loses is not taken for a fault of the model of energy. Between steps clocks and
leakage go on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from bankside.arch.technology.energy import UNASKED
from bankside.kernels.catalog.catalog import build
from bankside.kernels.models import load
from bankside.validation.bench import load_machine, simulate
from bankside.validation.claims import FILE, source_of

STANDING: Final = tuple(part for part in UNASKED if part != "board")
_MODELS: Final = (
    Path(__file__).parent / "board_power" / "models",
    Path(__file__).parent / "checkpoints" / "models",
)


@dataclass(frozen=True)
class _Work:
    """Time [s] and energy [J] of some work, and the power that stands whether or not there is any [W]."""

    time_s: float
    busy_j: float
    standing_w: float


def board_w(
    machine: str,
    model: str,
    batch: int,
    prompt: int,
    tokens: int,
    ms: float,
    gpus: int = 1,
    format: str = "bf16",
) -> float:
    """Mean power of a board [W] while `batch` prompts are read and each gets `tokens` tokens, one every `ms`."""
    decode = _run(machine, model, "decode-step", batch, prompt + tokens // 2, gpus, format)
    fill = _run(machine, model, "layer", batch, prompt, gpus, format) if prompt else _Work(0.0, 0.0, 0.0)
    run_s = tokens * ms * 1e-3
    return ((tokens * decode.busy_j + fill.busy_j) / run_s + decode.standing_w) / gpus


def decode_w(
    machine: str, model: str, batch: int, context: int, ms: float, gpus: int = 1, format: str = "bf16"
) -> float:
    """Mean power of a board [W] that makes a token for each of `batch` sequences every `ms`."""
    return board_w(machine, model, batch, 0, 2 * context, ms, gpus, format)


def step_ms(machine: str, model: str, batch: int, context: int, gpus: int = 1, format: str = "bf16") -> float:
    """Our time of a decode step [ms]."""
    return 1e3 * _run(machine, model, "decode-step", batch, context, gpus, format).time_s


def tokens_per_s(
    machine: str, model: str, batch: int, context: int, gpus: int = 1, format: str = "bf16"
) -> float:
    """Tokens of `batch` sequences that decode steps one after the other make, the host not counted [1/s]."""
    return 1e3 * batch / step_ms(machine, model, batch, context, gpus, format)


def prefill_ms(
    machine: str, model: str, batch: int, prompt: int, gpus: int = 1, format: str = "bf16"
) -> float:
    """Our time in which all layers read the prompts [ms]."""
    return 1e3 * _run(machine, model, "layer", batch, prompt, gpus, format).time_s


def gemm_w(machine: str, size: int, format: str = "bf16") -> float:
    """Power of the board [W] in one product of square matrices after the other, without a limit of power."""
    kernel = build("gemm", m=size, n=size, k=size, format=format)
    return float(simulate(kernel, load_machine(machine, ["power_limit=null"])).document["power_w"])


def clock_mhz(machine: str, m: int, n: int, k: int, format: str = "bf16") -> float:
    """Clock of the primary core in a product, under the machine's limit of power [MHz]."""
    kernel = build("gemm", m=m, n=n, k=k, format=format)
    return float(simulate(kernel, load_machine(machine)).document["cycles"]["clock_hz"]) / 1e6


def limited_w(machine: str, size: int, format: str = "bf16") -> float:
    """Power [W] in one product of square matrices after the other, under the machine's limit."""
    kernel = build("gemm", m=size, n=size, k=size, format=format)
    return float(simulate(kernel, load_machine(machine)).document["power_w"])


def standing_w(machine: str, standby: str = "") -> float:
    """Power that stands whether or not there is work, clocks up [W]; with another standby of a channel of its HBM."""
    told = [f"memories.hbm.device.energy.background={standby}"] if standby else []
    return _work(simulate(build("gemv", m=8192, k=8192), load_machine(machine, told)).document, 1).standing_w


def run_w(machine: str, model: str, batch: int, context: int) -> float:
    """Mean power of decode steps one after the other, at our own pace [W]."""
    done = _run(machine, model, "decode-step", batch, context, 1, "bf16")
    return done.busy_j / done.time_s + done.standing_w


@cache
def _run(machine: str, model: str, kind: str, batch: int, context: int, gpus: int, format: str) -> _Work:
    """A decode step, or the prefill of all layers as one layer times their number."""
    on = load_machine(machine)
    if gpus > 1:
        on = load_machine(machine, stacks=gpus * on.stacks)
    which = _model(model)
    options: dict[str, Any] = {"model": which, "context": context, "batch": batch, "format": format}
    times = 1
    if kind == "layer":
        options["stage"], times = "prefill", len(load(which).layers)
    return _work(simulate(build(kind, **options), on).document, times)


def _work(document: dict[str, Any], times: int) -> _Work:
    parts, time_s = document["energy"]["parts_j"], document["time_s"]
    total_j = document["energy"]["total_j"]
    standing_j = sum(parts[part] for part in STANDING) * total_j / (total_j - parts["board"])
    return _Work(times * time_s, times * (total_j - standing_j), standing_j / time_s)


def _model(name: str) -> str:
    """A model that ships, or the config.json of one that claims alone need."""
    for folder in _MODELS:
        if (path := folder / f"{name}.json").is_file():
            return str(path)
    return name


def mean_error_percent(source: str) -> float:
    """Mean absolute error of the gated claims of a source that read a board [percent]."""
    claims = source_of(Path(__file__).parent / source / FILE).claims
    found = [
        abs(_READINGS[claim.call.function](**claim.call.args) / claim.value - 1)
        for claim in claims
        if claim.gated and claim.call.function in _READINGS
    ]
    return 100 * sum(found) / len(found)


_READINGS: Final[dict[str, Callable[..., float]]] = {
    "validation.watts:board_w": board_w,
    "validation.watts:decode_w": decode_w,
}
