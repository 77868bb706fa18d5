"""Our values for claims about models that packages share: each function gives one number in the unit that its docstring
names."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.memo import Memo
from bankside.kernels.run.simulate import simulate

FOLDER: Final = Path(__file__).parent
MEMO: Final = Memo()


def tokens_per_s(
    machine: str, model: str, tp: int, context: int, alone: float, floor_us: float, alone_model: str = ""
) -> float:
    """Tokens a second of one sequence on so many GPUs that share the tensors of a model in bf16 [1/s].

    Parameters
    ----------
    alone : float
        Measured tokens a second of `alone_model`, or of the model, on one GPU: what our time of that leaves is the
        host's, which every step takes [1/s].
    floor_us : float
        Time of a collective of next to no bytes [us].
    """
    host_s = 1 / alone - step_s(machine, alone_model or model, 1, context, floor_us)
    return 1 / (host_s + step_s(machine, model, tp, context, floor_us))


@lru_cache(maxsize=64)
def step_s(machine: str, model: str, tp: int, context: int, floor_us: float) -> float:
    """Time of a decode step of one sequence, without the host's [s]."""
    once = f"{{name: measured, software: custom, base: {floor_us} us, share: 0.65}}"
    settings = [f"path.host.network.link.protocols=[{once}]", "path.host.network.software=[custom]"]
    stacks = load_machine(machine).stacks * tp
    kernel = build("decode-step", model=_model(model), context=context, batch=1, format="bf16")
    parallel = "tp" if tp > 1 else None
    return simulate(kernel, load_machine(machine, settings, stacks), memo=MEMO, parallel=parallel).time_s


def lpu_tokens_per_s(tp: int, pp: int, context: int, weights: str) -> float:
    """Tokens a second of one sequence of Llama-2-70B on tp x pp chips of sram-lpu [1/s]."""
    kernel = build(
        "decode-step",
        model=_model("llama-2-70b"),
        context=context,
        batch=1,
        format="fp16",
        weights_format=weights,
    )
    machine = load_machine("sram-lpu", [], tp * pp)
    return 1 / simulate(kernel, machine, parallel=f"tp={tp},pp={pp}").time_s


def _model(name: str) -> str:
    own = FOLDER / "tensor_parallel" / f"{name}.json"
    return str(own) if own.exists() else name
