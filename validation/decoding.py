"""Our values for claims about tokens a second: models whose weights alone are quantised, GPUs with PIM beside them."""

from functools import cache
from pathlib import Path
from typing import Final

from bankside.kernels.catalog.catalog import build
from bankside.validation.bench import load_machine, simulate

FOLDER: Final = Path(__file__).parent / "weight_only"
MACHINE: Final = "xpu-a100"
CONTEXT: Final = 105
"""Tokens in the middle of 200 that follow a prompt of five."""


@cache
def _ours_s(model: str, weights: str) -> float:
    """Time of a token [s]."""
    own = FOLDER / f"{weights}.yaml"
    weights_format = str(own) if own.exists() else weights
    kernel = build("decode-step", model=model, context=CONTEXT, batch=1, weights_format=weights_format)
    return simulate(kernel, load_machine(MACHINE)).time_s


def tokens_per_s(model: str, weights: str, measured_bf16: float) -> float:
    """Tokens a second of one sequence with weights in a format; what the host adds to each token is the measured time
    with weights of bf16 less ours, and never less than nothing [token/s]."""
    host_s = max(0.0, 1 / measured_bf16 - _ours_s(model, "bf16"))
    return 1 / (host_s + _ours_s(model, weights))


@cache
def _step_s(
    machine: str, model: str, batch: int, context: int, stacks: int, settings: tuple[str, ...]
) -> float:
    """Time of a decode step [s]."""
    kernel = build("decode-step", model=str(Path(__file__).parent / model), context=context, batch=batch)
    return simulate(kernel, load_machine(machine, settings, stacks=stacks)).time_s


ROOM: Final = "device.levels.row=65536"
"""What lets a stack of HBM3 hold what the tool gives it, whose systems are not refused for their capacity."""


def pim_gain(machine: str, model: str, batch: int, context: int, stacks: int) -> float:
    """Time of a decode step whose keys and values lie with the weights in a GPU's memory, over that of one whose
    attention is computed where they lie in the memory beside it [x]."""
    room = tuple(f"memories.{name}.{ROOM}" for name in load_machine(machine).memories)
    work = machine, model, batch, context, stacks
    return _step_s(*work, (*room, "place.kv=hbm")) / _step_s(*work, room)
