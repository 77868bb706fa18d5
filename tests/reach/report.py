"""How much of arch/ a run reaches: `NUMBA_DISABLE_JIT=1 python -m tests.reach.report` from the top of the tree.

Prints functions of arch/ that no run enters or finishes, and ends with 1 where less than `LEAST` of the lines inside
functions is executed.
"""

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.house.sources import MODULES
from tests.reach.exceptions import EXCEPTIONS
from tests.reach.lines import Reach, functions
from tests.reach.runs import run_all

LEAST: Final = 0.95

ARCH: Final = Path(__file__).parents[2] / "arch"


def excepted(function: str) -> bool:
    """Whether a function, `path::name`, is one that runs need not reach."""
    return any(function.startswith(prefix) for prefix in EXCEPTIONS)


def measured(reach: Reach) -> tuple[int, int, list[str]]:
    """Executed and all lines that count, and a line about each function with some left."""
    hit = total = 0
    left = []
    for path in sorted(ARCH.rglob("*.py")):
        executed = reach.executed.get(str(path.resolve()), set())
        for name, lines in functions(path):
            where = f"{path.relative_to(ARCH)}::{name}"
            if excepted(where):
                continue
            hit, total = hit + len(lines & executed), total + len(lines)
            if missed := sorted(lines - executed):
                left.append(f"{where}: {len(missed)} of {len(lines)}: {', '.join(map(str, missed[:12]))}")
    return hit, total, left


def main() -> int:
    """Run everything, print what is left, return the exit code."""
    for name in MODULES:
        if name.startswith(("bankside.arch", "bankside.kernels")):
            import_module(name)
    with tempfile.TemporaryDirectory() as folder, Reach(ARCH) as reach:
        for part in run_all(Path(folder)):
            print(part, file=sys.stderr, flush=True)  # noqa: T201
    hit, total, left = measured(reach)
    print("\n".join(left))  # noqa: T201
    print(f"{hit} of {total} lines inside functions of arch/ are executed: {hit / total:.1%}")  # noqa: T201
    return int(hit < LEAST * total)


if __name__ == "__main__":
    sys.exit(main())
