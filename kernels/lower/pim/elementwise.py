"""Functions of elements that rest in the banks: read, computed and written back there, dealt to channels."""

from bankside.arch.causes import COMPUTE
from bankside.arch.dram.channel.pim.program import commands, words
from bankside.arch.dram.device.standard import CAUSE_BITS
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.pim.banks import Banks
from bankside.kernels.lower.pim.elementwise_commands import elementwise_program
from bankside.kernels.lower.rowwise import tile
from bankside.kernels.lower.turning import unit_of
from bankside.kernels.operators import RowWise
from bankside.kernels.plan.operator_plan import OperatorPlan


def lower_rowwise_pim(low: Lowering, plan: OperatorPlan, op: RowWise, label: int) -> None:
    """One program on every channel that has elements; the hub says when, and hears when it is done."""
    core, hub = low.machine.cores[plan.core], low.machine.cores[plan.home]
    banks, arrived, ended = Banks(low, core, hub, label), [], []
    arrived = banks.arrive()
    for node in low.groups[core.name]:
        share = plan.split.share(node.first)
        if share.items:
            node.tail = _program(banks, node, op, share.items * share.inner, arrived)
            ended += node.tail
    banks.leave(ended)


def _program(banks: Banks, node: NodeClass, op: RowWise, elements: int, deps: list[int]) -> list[int]:
    """The program of a class of channels with so many elements of each operand, and what it moves."""
    low, core, standard = banks.low, banks.core, banks.core.memory.standard
    assert standard is not None
    byte, gap = op.out.format.bytes_of(elements), _gap(banks, op)
    moves = elementwise_program(
        standard, op.operands, -(-byte // banks.burst_byte), core.spec.accumulators or 1,
        (gap << CAUSE_BITS) + COMPUTE if gap else 0, node.cursor,
    )  # fmt: skip
    node.cursor = moves.end
    banks.count_columns(node, moves.columns, op.operands * byte)
    low.traffic["written"] += moves.read * banks.banks * banks.burst_byte * node.count
    slot, unit = unit_of(core, op.function)
    low.count_unit(core, slot, unit.events(tile(1, elements, op.operands), work=op.function), node.count)
    return low.program(node, banks.label, words(moves.entries, leave=True), commands(moves.entries), deps)


def _gap(banks: Banks, op: RowWise) -> int:
    """Slots that lanes take for a column of an operand, where that is longer than columns take; else 0."""
    elements = int(banks.burst_byte * 8 // op.out.format.bits)
    _, unit = unit_of(banks.core, op.function)
    column = tile(1, -(-elements // banks.core.spec.per), op.operands)
    slots = banks.slots(int(unit.cycles(column, work=op.function).interval[0]))
    return slots if banks.beyond_beat(slots) else 0
