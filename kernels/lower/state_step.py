"""Recurrences: states stream through the cores a round at a time, read, passed by all tokens, and written back."""

from bankside.arch.machine.machine import Core
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.memory import Tape
from bankside.kernels.lower.moves import bring_tensor, leave
from bankside.kernels.lower.rowwise import function_costs, tile
from bankside.kernels.lower.turning import turn, unit_of
from bankside.kernels.operators import StateStep
from bankside.kernels.plan.operator_plan import OperatorPlan

ROUNDS = 64  # at most, so that a batch of thousands stays a short program; a round is then of several states a core


def lower_state_step(low: Lowering, plan: OperatorPlan, op: StateStep, label: int) -> None:
    """Bring what comes to the states, pass them round by round, and leave results where they are made."""
    core = low.machine.cores[plan.core]
    for tensor in op.carried:
        bring_tensor(low, core, tensor, plan.tensors[tensor.name], label)
    for node in low.groups[core.name]:
        share = plan.split.share(node.first)
        if share.items:
            _pass(low, core, node, op, label, (share.items, share.inner))
            if op.out.name in plan.streamed:
                byte = op.out.bytes * share.items * share.inner / (op.states * op.d_v)
                leave(low, core, node, label, byte)


def _pass(
    low: Lowering, core: Core, node: NodeClass, op: StateStep, label: int, share: tuple[int, int]
) -> None:
    """All rounds of a node of (states, columns); a round's states are read while those of the one before are passed."""
    states, columns = share
    count = min(ROUNDS, -(-states // core.cores))
    slot, unit = unit_of(core, op.function)
    element_byte, weights_byte = op.state.format.bits / 8, op.weights_bytes / (op.states * op.d_v)
    begin = list(node.tail)
    read_after = begin
    read, written = Tape(low, core, node, label), Tape(low, core, node, label, write=True)
    own_share = states * columns / (op.states * op.d_v)
    begin = turn(low, core, node, label, op.turned_in * own_share, begin)
    passed: list[int] = []
    ends: list[int] = []
    for index in range(count):
        own = (index + 1) * states // count - index * states // count
        elements = own * columns * op.d_k
        byte = elements * element_byte * (not op.fresh) + own * columns * weights_byte
        arrived = read.move(byte, read_after) if byte else []
        each = max(1, -(-own * columns // core.cores))
        state_share = own / states * own_share
        if not op.fresh:
            arrived = turn(low, core, node, label, op.state.turned * state_share, arrived or read_after)
        costs = function_costs(
            unit, op.function, (each * op.d_k, op.tokens, 1), elements * op.tokens, core.cores
        )
        read_after = passed or begin
        passed = [low.builder.fixed(node.units[slot], label, costs, [*begin, *arrived, *passed])]
        packed = turn(low, core, node, label, op.written.turned * state_share, passed)
        ends += written.move(elements * element_byte, packed)
    whole = tile(1, states * columns * op.d_k * op.tokens, 1)
    low.count_unit(core, slot, unit.events(whole, work=op.function), node.count)
    node.tail = turn(low, core, node, label, op.out.turned * own_share, [*passed, *ends])
