"""What claims run on: a machine is read once, and what one run finds out serves those that follow.

Neither changes a value: machines never change, and what is kept is found by all that it follows from.
"""

from collections.abc import Sequence
from typing import Any, Final

from bankside.arch.machine import machine as machines
from bankside.arch.machine.machine import Machine
from bankside.kernels.mapping.memo import Memo
from bankside.kernels.operators import Kernel
from bankside.kernels.run import simulate as runs
from bankside.kernels.run.result import Result

MOST: Final = 128  # machines
_MACHINES: Final = Memo(MOST)
_MEMO: Final = Memo()


def load_machine(reference: str, overrides: Sequence[str] = (), stacks: int | None = None) -> Machine:
    """A machine; see `bankside.arch.machine.machine.load_machine`."""
    key = reference, tuple(overrides), stacks
    return _MACHINES.get(key, lambda: machines.load_machine(reference, overrides, stacks))


def simulate(kernel: Kernel, machine: Machine, **how: Any) -> Result:
    """Run a kernel on a machine; `how`: see `bankside.kernels.run.simulate.simulate`."""
    return runs.simulate(kernel, machine, memo=_MEMO, **how)
