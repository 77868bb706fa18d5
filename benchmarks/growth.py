"""How time grows with work: the exponent a of time ~ work^a, along each size, on every machine.

Run `python benchmarks/growth.py [MACHINE ...]`. Each size grows 16-fold; an exponent of 0 means that time follows the
shape of the work, not its size. At most 0.2 is asked for, 0.5 along tokens. Layers are those of a decode step of a
small model that is given so many.
"""

import json
import math
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import bankside as bs
from bankside.arch.spec import ConfigError, names
from bankside.kernels.mapping.memo import Memo

FACTORS: Final = (1, 4, 16)
MODEL: Final = {"model": "llama-3-8b"}
SIZES: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    "context": ("decode-attention", {**MODEL, "context": 4096}, "context"),
    "batch": ("decode-attention", {**MODEL, "context": 4096, "batch": 1}, "batch"),
    "tokens": ("layer", {**MODEL, "context": 512, "stage": "prefill"}, "context"),
    "m": ("gemm", {"m": 512, "n": 4096, "k": 4096}, "m"),
    "n": ("gemm", {"m": 512, "n": 1024, "k": 4096}, "n"),
    "k": ("gemm", {"m": 512, "n": 4096, "k": 1024}, "k"),
}
STACKS: Final = "stacks"
LAYERS: Final = "layers"
SMALL: Final = Path(__file__).parents[1] / "configs" / "models" / "gpt2.json"
FEWEST_LAYERS: Final = 4
LIMIT_S: Final = 60.0


def exponent(work: list[float], seconds: list[float]) -> float:
    """Slope of log(seconds) over log(work), by least squares."""
    x, y = [math.log(each) for each in work], [math.log(each) for each in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((each - mean_x) ** 2 for each in x)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread


def seconds(kernel: Any, machine: Any) -> float:
    """CPU seconds of the fastest of three runs, each of which decides and learns all anew, as one of a new shape does;
    a run of a shape that is known takes a part of it."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        bs.simulate(kernel, machine, memo=Memo())
        spent.append(time.process_time() - start)
        if len(spent) > 1 and spent[1] > LIMIT_S / 10:
            break
    return min(spent)


def decode_step(layers: int) -> Any:
    """A decode step of the small model with so many layers."""
    with TemporaryDirectory() as folder:
        model = Path(folder) / "model.json"
        model.write_text(json.dumps({**json.loads(SMALL.read_text()), "n_layer": layers}))
        return bs.kernel("decode-step", model=str(model), context=1000)


def along(machine: str, size: str) -> str:
    """The exponent along a size, or why there is none."""
    taken: list[tuple[float, float]] = []
    try:
        for factor in FACTORS:
            if size == STACKS:
                stacks = factor * bs.machine(machine).primary.memory.stacks
                kernel, on = bs.kernel("gemv", m=16384, k=16384), bs.machine(machine, stacks=stacks)
            elif size == LAYERS:
                kernel, on = decode_step(factor * FEWEST_LAYERS), bs.machine(machine)
            else:
                name, options, option = SIZES[size]
                kernel = bs.kernel(name, **{**options, option: factor * options[option]})
                on = bs.machine(machine)
            taken.append((factor, seconds(kernel, on)))
            if taken[-1][1] > LIMIT_S:
                break
    except ConfigError as error:
        if len(taken) < 2:
            return error.errors[0][:60]
    work, spent = zip(*taken, strict=True)
    return f"{exponent(list(work), list(spent)):5.2f}  ({', '.join(f'{s:.3f}' for s in spent)} s)"


if __name__ == "__main__":
    for machine in sys.argv[1:] or names("machines"):
        for size in (*SIZES, STACKS, LAYERS):
            print(f"{machine:24} {size:10} {along(machine, size)}", flush=True)  # noqa: T201
