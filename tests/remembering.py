"""Channels that remember from their first burst on, which those of short runs do not."""

from collections import ChainMap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from bankside.arch.engine import execute
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.kinds import KINDS, Kind
from bankside.arch.engine.program import Program
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


def _lasting(program: Program, hardware: Hardware, number: int, plain: frozenset[str]) -> Kind:
    kind = execute.KINDS[program.kinds[number]]
    own = program.unit_part[program.unit_kind == number]
    if kind.brief is None or not hardware.remembers(own):
        return kind.brief or kind
    return kind.plain if kind.plain is not None and kind.name in plain else kind


@contextmanager
def no_brief_kinds() -> Iterator[None]:
    """Channels that have a memory use it, however short a program is."""
    worthy = {name: replace(kind, plain_worth=0) for name, kind in KINDS.items() if kind.plain is not None}
    with patch.object(execute, "_kind", _lasting), patch.object(execute, "KINDS", ChainMap(worthy, KINDS)):
        yield
