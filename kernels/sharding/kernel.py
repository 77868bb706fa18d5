"""A kernel as one of several packages runs it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bankside.arch.spec import ConfigError
from bankside.kernels.operators import Collective, Kernel, Operator, Phase, Role
from bankside.kernels.sharding.experts import shared_by_experts
from bankside.kernels.sharding.layout import Layout
from bankside.kernels.sharding.tensors import shared_by

RESTING: Final[tuple[Role, ...]] = ("weights", "kv")


def dealt(kernel: Kernel, layout: Layout) -> Kernel:
    """What a package does of a kernel while a token passes all of them.

    Stages of a pipeline work one after the other on one batch, so all phases are run, by packages that are alike, and
    rows go from stage to stage between them.

    Raises
    ------
    ConfigError
        When the kernel cannot be dealt so.
    """
    phases = [replace(phase, operators=_share(phase.operators, layout)) for phase in kernel.phases]
    if layout.pp > 1:
        phases.append(_handing_on(kernel, layout))
    ranks = layout.ranks
    return replace(
        kernel,
        phases=tuple(phases),
        idle_bytes=-(-kernel.idle_bytes // ranks),
        idle_kv_bytes=-(-kernel.idle_kv_bytes // ranks),
    )


def resting(kernel: Kernel, layout: Layout) -> Kernel:
    """Of what a package runs, what rests in the fullest stage: as many layers in a row as make up all stages, where
    they have most weights, keys and values."""
    if layout.pp == 1:
        return kernel
    *phases, _ = kernel.phases
    units, size = in_a_row([phase.count for phase in phases], layout.pp)
    each = [sum(phase.resident_bytes(role) for role in RESTING) // phase.count for phase in phases]
    windows = (Counter(units[first : first + size]) for first in range(len(units) - size + 1))
    fullest = max(windows, key=lambda held: sum(count * each[at] for at, count in held.items()))
    return replace(
        kernel,
        phases=tuple(replace(phases[at], count=count) for at, count in sorted(fullest.items())),
        idle_bytes=-(-kernel.idle_bytes // layout.pp),
        idle_kv_bytes=-(-kernel.idle_kv_bytes // layout.pp),
    )


def in_a_row(counts: Sequence[int], stages: int) -> tuple[list[int], int]:
    """The phase of each layer, of phases that are repeated so often, and how many layers in a row a stage has."""
    units = [at for at, count in enumerate(counts) for _ in range(count)]
    return units, -(-len(units) // stages)


def _share(operators: tuple[Operator, ...], layout: Layout) -> tuple[Operator, ...]:
    if layout.tp > 1:
        return shared_by(operators, layout.tp)
    if layout.ep > 1:
        return shared_by_experts(operators, layout.ep)
    return operators


def _handing_on(kernel: Kernel, layout: Layout) -> Phase:
    """Rows of one layer's input go to the next stage, once for each stage but the last."""
    layers = sum(phase.count for phase in kernel.phases)
    if layers < layout.pp:
        raise ConfigError([f"{kernel.name} has {layers} layers and phases, fewer than {layout.pp} stages."])
    first = kernel.phases[0].operators[0].carried[0]
    x = replace(first, name="stage.x", of=None)
    hand = Collective("stage.send", "point_to_point", 2, x, replace(x, name="stage.out"))
    return Phase(layout.pp - 1, (hand,), "stages")
