"""How much of arch/ a run reaches: `NUMBA_DISABLE_JIT=1 python -m tests.reach.report` from the top of the tree.

Prints functions of arch/ that no run enters or finishes, and ends with 1 where less than `LEAST` of the lines inside
functions is executed; with `--print` it only tells.
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


def counted() -> list[tuple[Path, str, set[int]]]:
    """File, name and lines of the functions that runs have to reach."""
    found = [(path, name, lines) for path in sorted(ARCH.rglob("*.py")) for name, lines in functions(path)]
    return [each for each in found if not excepted(f"{each[0].relative_to(ARCH)}::{each[1]}")]


def main() -> int:
    """Run everything, print what is left, return the exit code."""
    for name in MODULES:
        if name.startswith(("bankside.arch", "bankside.kernels")):
            import_module(name)
    wanted = counted()
    with tempfile.TemporaryDirectory() as folder, Reach(ARCH) as reach:
        for part in run_all(Path(folder)):
            print(part, file=sys.stderr, flush=True)  # noqa: T201
    hit = total = 0
    for path, name, lines in wanted:
        missed = sorted(lines - reach.executed.get(str(path.resolve()), set()))
        hit, total = hit + len(lines) - len(missed), total + len(lines)
        if missed:
            shown = ", ".join(map(str, missed[:12]))
            print(f"{path.relative_to(ARCH)}::{name}: {len(missed)} of {len(lines)}: {shown}")  # noqa: T201
    print(f"{hit} of {total} lines inside functions of arch/ are executed: {hit / total:.1%}")  # noqa: T201
    return int(hit < LEAST * total and "--print" not in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
