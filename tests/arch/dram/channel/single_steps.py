"""Controllers that never serve runs in one go: what the runs must equal, command for command and cause for cause."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.controller import Controller, Outcome, geometry, run
from bankside.arch.dram.channel.first_ready import frfcfs
from bankside.arch.dram.channel.first_ready import kind as first_kind
from bankside.arch.dram.channel.per_bank import kind as bank_kind
from bankside.arch.dram.channel.per_bank import per_bank
from bankside.arch.dram.channel.pim import kind as pim_kind
from bankside.arch.dram.channel.policy import POLICIES
from bankside.arch.dram.channel.requests import Requests, requests
from bankside.arch.dram.device.standard import Standard

COMPARED = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
"""Both ways step by step are slow, and a shrunk example is no clearer: traces differ at their first command."""


def interpreted(kernel: Any) -> Any:
    """A kernel in plain Python, which calls compiled ones."""
    return getattr(kernel, "py_func", kernel)


def single_steps(standard: Standard, stream: Requests, controller: Controller) -> tuple[Outcome, int]:
    """The outcome step by step, and at how many slots a run could have begun."""
    begun = 0
    only_hits, reads_only = frfcfs.only_hits, per_bank.reads_only

    def no_hits(q: Any) -> bool:
        nonlocal begun
        begun += bool(only_hits(q))
        return False

    def no_reads(std: Any, q: Any, slot: int) -> bool:
        nonlocal begun
        begun += bool(reads_only(std, q, slot))
        return False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frfcfs, "only_hits", no_hits)
        patch.setattr(per_bank, "reads_only", no_reads)
        for module in (first_kind, bank_kind, pim_kind):
            for name in {"serve_first_ready", "serve_per_bank", "serve_source"} & set(vars(module)):
                patch.setattr(module, name, interpreted(getattr(module, name)))
        policy = POLICIES[controller.scheduler]
        kind = replace(policy.kind, advance=interpreted(policy.kind.advance))
        patch.setitem(POLICIES, controller.scheduler, replace(policy, kind=kind))
        return run(standard, stream, controller, trace=True), begun


def bursts_of_hits(standard: Standard, seed: int, n: int, rows: int, writes: float, gap: int) -> Requests:
    """Requests that stay in a row, and are reads or writes, for some time, on one or several banks in turn."""
    draw, g = np.random.default_rng(seed), geometry(standard)
    i, length = np.arange(n), int(draw.choice((2, 16, 60)))
    groups, banks = int(draw.integers(1, g.bank_groups + 1)), int(draw.integers(1, g.banks_per_group + 1))

    def some_time(values: Any) -> Any:
        return np.repeat(values, length)[:n]

    runs = -(-n // length)
    return requests(
        (
            i % groups,
            i // groups % banks,
            some_time(draw.integers(rows, size=runs)),
            draw.integers(16, size=n),
        ),
        op=some_time((draw.random(runs) < writes).astype(np.int64)),
        pc=some_time(draw.integers(g.pseudo_channels, size=runs)),
        at_cycle=np.cumsum(draw.integers(gap + 1, size=n)),
    )


def compare_steps(
    name: str,
    stream: tuple[int, int, int, float, int],
    controller: Controller,
    overrides: tuple[str, ...] = (),
) -> int:
    """At how many slots a run could begin, after both ways have given the same outcome."""
    standard = compiled(name, overrides)
    made = bursts_of_hits(standard, *stream)
    expected, begun = single_steps(standard, made, controller)
    got = run(standard, made, controller, trace=True)
    np.testing.assert_array_equal(got.trace, expected.trace)
    for field in Outcome.__dataclass_fields__:
        if field != "trace":
            assert getattr(got, field) == getattr(expected, field), field
    return begun
