"""Which core computes attention: banks or a matrix unit at the memory that keeps keys and values, whichever takes less
time.

Each of them reaches every channel of that memory, over which keys and values are dealt, so who appends and who reads
them need not be one core.
"""

import math
from collections.abc import Iterator

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.once import once
from bankside.arch.pe.product import FASTER
from bankside.arch.pe.unit import SOFTMAX_STEP
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import Taken, computed_as
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.pim.banks import Banks
from bankside.kernels.mapping import attention
from bankside.kernels.mapping.attending.trial import Trial
from bankside.kernels.mapping.bank_pieces import bound, pieces_of
from bankside.kernels.mapping.cores import at_hand, beside_data, hub_of
from bankside.kernels.operators import Attention
from bankside.kernels.plan.split import Split

NEAR = (0.7, 1.25)
"""Where the time of attention outside the banks is to its bound, above to that with queries and results on their way:
measured are 0.72 to 1.13, over four machines and seven models, contexts of 16 to 131072, one to 32 sequences."""

PART = 1.08
"""How far a trial of a part is from one of all at most, either way: measured are 0.958 to 1.005, over the same;
where a head has no whole tiles others begin elsewhere in rows of the memory."""


def attenders(machine: Machine, op: Attention) -> list[Core]:
    """The cores that may compute attention whole, the one beside its keys and values first.

    Raises
    ------
    ConfigError
        If no core that taps their memory multiplies.
    """
    near = beside_data(machine, op.label, op.k.role)
    found = at_hand(machine, near, op.q.format)
    return found if all(core.in_dram_die or core.spec.can(SOFTMAX_STEP) for core in found) else [near]


def attender(machine: Machine, op: Attention) -> Core:
    """The one of them that takes the least time; of equal ones the first."""
    near, *others = attenders(machine, op)
    if not others:
        return near
    alike = op.nameless
    return once(near, alike, lambda: _fastest(machine, [near, *others], alike))


def _fastest(machine: Machine, cores: list[Core], op: Attention) -> Core:
    """Of those that may win one is looked at more closely, until one is left, or all are tried whole: who was looked at
    least often, of them the most promising."""
    looked = {core.name: 0 for core in cores}
    closer = {core.name: _ever_closer(machine, core, op) for core in cores}
    between_s = {name: next(found) for name, found in closer.items()}
    while True:
        soon_s = min(most_s for _, most_s in between_s.values())
        close = [core for core in cores if between_s[core.name][0] <= soon_s]
        open_ = [core for core in close if between_s[core.name][0] < between_s[core.name][1]]
        if len(close) == 1 or not open_:
            return close[0]
        core = min(open_, key=lambda each: (looked[each.name], between_s[each.name][0]))
        looked[core.name] += 1
        between_s[core.name] = next(closer[core.name])


def _ever_closer(machine: Machine, core: Core, op: Attention) -> Iterator[tuple[float, float]]:
    """What attention takes on the core at least and at most: by its bounds, by a trial of a part, by one of all [s]."""
    taken, around_s = op.computed_in(_taken(core)), core.spec.launch + core.spec.floor.attention
    bounds_s = _between_s(machine, core, taken, around_s)
    yield bounds_s
    trial = Trial(machine, core, taken, around_s, bounds_s[0])
    if (part_s := trial.part_s()) is not None:
        yield part_s[0] / PART, part_s[1] * PART
    whole_s = trial.whole_s()
    yield whole_s, whole_s


def _between_s(machine: Machine, core: Core, op: Attention, around_s: float) -> tuple[float, float]:
    """What attention takes on the core at least and at most, as far as it is known without a trial [s]."""
    if core.in_dram_die:
        return around_s + _least_s(machine, core, op), math.inf
    try:
        _, bound_s = attention.blocks_of(machine, core, op)
    except ConfigError:
        return math.inf, math.inf
    moved_s = (op.q.bytes + op.out.bytes) / (
        core.nodes * core.channels * core.memory.channel_peak(core.level)
    )
    return NEAR[0] * (around_s + bound_s), NEAR[1] * (around_s + bound_s + moved_s)


def _taken(core: Core) -> Taken:
    """Formats as the core multiplies them, where it can."""

    def multiplied(fmt: Format) -> Format:
        return computed_as(fmt, core.spec.formats) or fmt

    def same(fmt: Format) -> Format:
        return fmt

    return Taken(multiplied, multiplied, same, multiplied)


def _least_s(machine: Machine, core: Core, op: Attention) -> float:
    """What banks take in any case [s]."""
    peak = core.spec.multipliers(op.q.format.computed, op.k.format.computed).peak(FASTER)
    least_s = op.macs / (core.count * peak * core.spec.clock)
    if op.queries == 1:
        least_s = max(least_s, _passes_s(machine, core, op))
    return least_s


def _passes_s(machine: Machine, core: Core, op: Attention) -> float:
    """What the columns and operands of one query take in any case, at the channel that has least of it [s]."""
    split = Split(op.sequences * op.kv_heads, op.context, core.nodes, ("heads", "context"))
    share = split.share(core.nodes - 1)
    on = Banks(Lowering(machine), core, hub_of(machine, core), 0)
    tokens = max(1, op.pairs * share.inner // op.context)
    formats = (op.q.format, op.k.format, op.q.format)
    shapes = ((op.group, tokens, op.d_qk), (op.group, op.d_v, tokens))
    each_s = (
        min(
            (bound(on, shape, formats, piece) for piece in set(pieces_of(on, shape, formats))),
            default=math.inf,
        )
        for shape in shapes
    )
    return share.items * sum(each_s)
