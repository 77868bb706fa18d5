"""Mutated files through the whole program: a result or sentences, in time, in bounded memory; nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fuzz.cases import KINDS, Case, case, sound, written
from tests.fuzz.worker import START_S, Ended, Worker

LIMIT_S = 10.0
LIMIT_BYTE = 1 << 30
SAMPLE, ALL = range(40), range(40, 5040)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    one = Worker()
    yield one
    one.stop()


def faults(each: Case, ended: Ended) -> list[str]:
    """What is wrong with how a command ended."""
    found = []
    if ended.code not in (0, 2):
        found.append(f"exit code {ended.code}")
    if "Traceback" in ended.stderr or "defect" in ended.stderr:
        found.append("a defect")
    if ended.code == 2 and not all(line[-1] in ".?" for line in ended.stderr.splitlines() if line):
        found.append("no sentence")
    if ended.seconds > LIMIT_S:
        found.append(f"{ended.seconds:.0f} s")
    if ended.peak_byte > LIMIT_BYTE:
        found.append(f"{ended.peak_byte >> 20} MiB")
    return [f"{each.kind} {' '.join(each.words)}: {', '.join(found)}: {ended.stderr[-300:]}"] if found else []


def judged(worker: Worker, seeds: range, folder: Path) -> list[str]:
    """Faults of the cases of many seeds; the first run of a process may compile and counts for nothing."""
    found = []
    for seed in seeds:
        each = case(seed)
        ended = worker.run(written(each, folder), START_S)
        if ended.seconds > LIMIT_S:
            ended = worker.run(written(each, folder), START_S)
        found += [f"seed {seed}: {fault}" for fault in faults(each, ended)]
    return found


def test_unchanged_files_are_read(worker: Worker, tmp_path: Path) -> None:
    seen: set[str] = set()
    for seed in range(200):
        each = sound(seed)
        if each.kind in seen:
            continue
        seen.add(each.kind)
        ended = worker.run(written(each, tmp_path), START_S)
        assert ended.code == 0 or each.kind == "device", (each, ended)
    assert len(seen) == len(KINDS)


def test_a_sample_of_mutated_files(worker: Worker, tmp_path: Path) -> None:
    assert judged(worker, SAMPLE, tmp_path) == []


@pytest.mark.slow
def test_five_thousand_mutated_files(worker: Worker, tmp_path: Path) -> None:
    assert judged(worker, ALL, tmp_path) == []
