"""Whole runs before and after a change: every shipped machine on six kernels, as the table of CHANGELOG.md.

Run `python benchmarks/compare_runs.py record FOLDER` on either commit, and `... table BEFORE AFTER` for the rows.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import bankside as bs
from bankside.arch.spec import ConfigError, names
from bankside.report.quantities import si

KERNELS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "gemv": ("gemv", {"m": 4096, "k": 4096}),
    "gemm": ("gemm", {"m": 512, "n": 4096, "k": 4096}),
    "decode-attention": ("decode-attention", {"model": "llama-3-8b", "context": 8192}),
    "layer": ("layer", {"model": "llama-3-8b", "context": 8192, "stage": "decode"}),
    "prefill": ("layer", {"model": "llama-3-8b", "context": 256, "stage": "prefill"}),
    "decode-step": ("decode-step", {"model": "llama-3-8b", "context": 8192}),
}
NOT_RUN: Final = "does not run"


def record(folder: Path) -> None:
    """Run everything that `folder` does not hold yet; a result or the sentences of a refusal in a file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for short, (kernel, options) in KERNELS.items():
        for machine in names("machines"):
            path = folder / f"{short}.{machine}.json"
            if path.exists():
                continue
            try:
                document = bs.simulate(bs.kernel(kernel, **options), bs.machine(machine)).to_dict()
            except ConfigError as error:
                document = {"error": error.errors}
            path.write_text(json.dumps(document), encoding="utf-8")


def cell(paths: Sequence[Path]) -> str:
    """Both times where they differ, one where they do not; a dash where one was not recorded."""
    if not all(path.exists() for path in paths):
        return "-"
    before, after = (json.loads(path.read_text(encoding="utf-8")) for path in paths)
    old, new = before.get("time_fs"), after.get("time_fs")
    if old == new:
        return NOT_RUN if new is None else _time(new)
    if old is None or new is None:
        return " -> ".join(NOT_RUN if fs is None else _time(fs) for fs in (old, new))
    return f"{_time(old)} -> {_time(new)} ({(new - old) / old:+.2%})"


def _time(fs: int) -> str:
    return si(fs / 1e15, "s")


def table(before: Path, after: Path) -> str:
    """A row a machine, a column a kernel."""
    rows = [["machine", *KERNELS], ["---"] * (1 + len(KERNELS))]
    for machine in names("machines"):
        files = [f"{short}.{machine}.json" for short in KERNELS]
        rows.append([machine, *(cell((before / file, after / file)) for file in files)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    if sys.argv[1] == "record":
        record(Path(sys.argv[2]))
    else:
        print(table(Path(sys.argv[2]), Path(sys.argv[3])))  # noqa: T201
