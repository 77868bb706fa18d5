"""Hypothesis draws the same examples in every run, so that a change fails for what it changed, and without a deadline,
as first calls compile; to search on: `pytest --hypothesis-profile=search`.

All tests together run in a process a core, with one cache of compiled code; named ones in the process that was started,
where debuggers see them. `-n 0` and `-n 4` say otherwise.
"""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from bankside.kernels.mapping import memo

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("repeatable")

NEW = 100_000
"""Objects until garbage is looked for, usually 700: millions of numba's and of the tests' own stay, and to look at them
time and again takes a fifteenth of the time."""
MOST_PROCESSES = 8  # beyond, they wait for one another's compiled functions


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many processes `-n auto` means; 0: none beside this one."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_PROCESSES)


def pytest_sessionstart() -> None:
    gc.set_threshold(NEW, *gc.get_threshold()[1:])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of models last, which are short: with all claims of a unit at the end, the other processes would wait."""
    items.sort(key=lambda item: "models" in item.path.parts)


@pytest.fixture(autouse=True)
def _nothing_found_out() -> None:
    """No test knows what the runs of another have found out."""
    memo._OWN.memo = memo.Memo()
