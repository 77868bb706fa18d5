"""How much of arch/ runs reach: `NUMBA_DISABLE_JIT=1 python -m tests.reach.report` from the top of the tree.

Prints functions of arch/ that no run enters or finishes, then the figure, and ends with 1 where less than `LEAST` of
the lines inside functions is executed; with `--print` it only tells, with `--figure` the figure alone. Words behind it
are beginnings of the names of the parts to run, such as `"machine aim"` or `setting`; without one all are.
"""

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.house.sources import MODULES
from tests.reach.exceptions import EXCEPTIONS
from tests.reach.lines import Reach, functions
from tests.reach.runs import parts

LEAST: Final = 0.95

ARCH: Final = Path(__file__).parents[2] / "arch"


def excepted(function: str) -> bool:
    """Whether a function, `path::name`, is one that runs need not reach."""
    return any(function.startswith(prefix) for prefix in EXCEPTIONS)


def counted() -> list[tuple[Path, str, set[int]]]:
    """File, name and lines of the functions that runs have to reach."""
    found = [(path, name, lines) for path in sorted(ARCH.rglob("*.py")) for name, lines in functions(path)]
    return [each for each in found if not excepted(f"{each[0].relative_to(ARCH)}::{each[1]}")]


def executed(wanted: tuple[str, ...]) -> dict[str, set[int]]:
    """Lines that the wanted parts execute, by file."""
    with tempfile.TemporaryDirectory() as folder, Reach(ARCH) as reach:
        for name, run in parts(Path(folder)):
            if not wanted or name.startswith(wanted):
                print(name, file=sys.stderr, flush=True)  # noqa: T201
                reach.renew()
                run()
    return reach.executed


def main(arguments: list[str]) -> int:
    """Run, print what is left, return the exit code."""
    for name in MODULES:
        if name.startswith(("bankside.arch", "bankside.kernels")):
            import_module(name)
    wanted = counted()
    found = executed(tuple(each for each in arguments if not each.startswith("--")))
    hit = total = 0
    for path, name, lines in wanted:
        missed = sorted(lines - found.get(str(path.resolve()), set()))
        hit, total = hit + len(lines) - len(missed), total + len(lines)
        if missed and "--figure" not in arguments:
            shown = ", ".join(map(str, missed[:12]))
            print(f"{path.relative_to(ARCH)}::{name}: {len(missed)} of {len(lines)}: {shown}")  # noqa: T201
    print(f"{hit} of {total} lines inside functions of arch/ are executed: {hit / total:.1%}")  # noqa: T201
    return int(hit < LEAST * total and not {"--print", "--figure"} & set(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
