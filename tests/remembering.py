"""Channels that remember from their first burst on, which those of short runs do not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from bankside.arch.engine.kinds import KINDS
from bankside.arch.machine.channels import Memories, Remembered
from bankside.arch.machine.machine import Machine
from bankside.kernels.mapping.memo import Memo


class LongRuns(Memories):
    """Memories of which every run that asks takes a second."""

    def of(self, machine: Machine, more_s: float = 0.0) -> Remembered:
        return super().of(machine, more_s + 1.0)


def remembering() -> Memo:
    """Nothing was found out yet, and every memory is worth its compiling."""
    memo = Memo()
    memo.channels = LongRuns()
    return memo


@contextmanager
def no_brief_kinds() -> Iterator[None]:
    """Every kind with a memory serves all runs that give it one."""
    with patch.dict(KINDS, {name: replace(kind, brief=None) for name, kind in KINDS.items()}):
        yield
