"""Which core computes attention: banks or a matrix unit at the memory that keeps keys and values, whichever takes less
time.

Each of them reaches every channel of that memory, over which keys and values are dealt, so who appends and who reads
them need not be one core.
"""

import math

from bankside.arch.engine.execute import execute
from bankside.arch.machine.channels import Memories
from bankside.arch.machine.machine import FS_PER_S, Core, Machine
from bankside.arch.machine.once import once
from bankside.arch.pe.product import FASTER
from bankside.arch.pe.unit import SOFTMAX_STEP
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import Taken, computed_as
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.phase import lower_phase
from bankside.kernels.lower.pim.banks import Banks
from bankside.kernels.mapping import attention, banks
from bankside.kernels.mapping.bank_pieces import bound, pieces_of
from bankside.kernels.mapping.cores import at_hand, beside_data, hub_of
from bankside.kernels.mapping.memo import Memo
from bankside.kernels.mapping.scene import Bench, Scene, Sharer
from bankside.kernels.operators import Attention
from bankside.kernels.plan.operator_plan import PhasePlan, Step
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.places import Places
from bankside.kernels.plan.split import Split

NEAR = (0.7, 1.25)
"""Where the time of attention outside the banks is to its bound: measured are 0.72 to 1.20, over four machines and four
models, contexts of 16 to 8192, keys and values of 8 and 16 bits."""


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
    """Of those that may win the most promising is tried, until one is left, or all are tried."""
    taken = {core.name: op.computed_in(_taken(core)) for core in cores}
    between_s = {core.name: _between_s(machine, core, taken[core.name]) for core in cores}
    tried: set[str] = set()
    while True:
        soon_s = min(most_s for _, most_s in between_s.values())
        close = [core for core in cores if between_s[core.name][0] <= soon_s]
        untried = [core for core in close if core.name not in tried]
        if len(close) == 1 or not untried:
            return close[0]
        core = min(untried, key=lambda each: between_s[each.name][0])
        time_s = _time_s(machine, core, taken[core.name], between_s[core.name][0])
        between_s[core.name] = time_s, time_s
        tried.add(core.name)


def _between_s(machine: Machine, core: Core, op: Attention) -> tuple[float, float]:
    """What attention takes on the core at least and at most, as far as it is known without a trial [s]."""
    around_s = core.spec.launch + core.spec.floor.attention
    if core.in_dram_die:
        return around_s + _least_s(machine, core, op), math.inf
    try:
        _, bound_s = attention.blocks_of(machine, core, op)
    except ConfigError:
        return math.inf, math.inf
    return NEAR[0] * (around_s + bound_s), NEAR[1] * (around_s + bound_s)


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


def _time_s(machine: Machine, core: Core, op: Attention, least_s: float) -> float:
    """Time of attention alone on the core, with its launch, where the queries lie before it and the results after it,
    of which at least so much is known; infinity where its SRAM does not hold what it needs [s]."""
    home = hub_of(machine, core) if core.in_dram_die else core
    start = Placement(home.name, (("rows", home.nodes),), home.memory.name)
    sharers = (Sharer(op, False, None),)
    scene = Scene(Bench(machine, core, Memo()), op.label, home, Places(start), False, sharers, None)
    decide = banks.decide_attention if core.in_dram_die else attention.decide
    try:
        plan = decide(scene, op)
    except ConfigError:
        return math.inf
    lowered = lower_phase(machine, [op], PhasePlan(start, (Step(0, op, plan),)), fold=True)
    memory = once(machine, "trials", Memories).of(machine, least_s)
    return execute(lowered.program, lowered.state.hardware(memory=memory)).total_fs / FS_PER_S
