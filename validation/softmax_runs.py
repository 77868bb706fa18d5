"""Our values for claims about softmax in kernels that run on machines: each function gives one number in the unit that
its docstring names."""

from typing import Final

from bankside.arch.machine.machine import FS_PER_S, load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

MACHINE: Final = "base-die"
COLS: Final = 1024


def passes(softmax: str) -> float:
    """Cycles of the nonlinear units in a softmax of long rows, over those that all scores take once [passes]."""
    machine = load_machine(MACHINE, ["cores.pe.nonlinear.lanes=16", f"cores.pe.nonlinear.softmax={softmax}"])
    core = machine.primary
    rows = 64 * core.count
    result = simulate(build("softmax", rows=rows, cols=COLS), machine).to_dict()
    once = rows * COLS / (16 * core.count)
    return float(result["stack_fs"]["nonlinear"] * core.spec.clock / FS_PER_S / once)


def row_exponentials(machine: str, keys: int, head_dim: int) -> float:
    """Exponentials of one query in decode attention over `keys` keys on one SM [exponentials]."""
    kernel = build("decode-attention", heads=1, kv_heads=1, head_dim=head_dim, context=keys, batch=1)
    loaded = load_machine(machine, ["cores.sm.per=1"])
    counted = simulate(kernel, loaded).to_dict()["events"]["sm.nonlinear"]
    return float(counted["exp"])
