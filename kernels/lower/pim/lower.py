"""Work inside the DRAM die: products and attention are dealt to channels and their banks. Activations live at the hub,
the nearest core outside that runs row-wise functions; queries and scores of attention go through the same operand
buffer as the rows of a product.
"""

from dataclasses import replace
from typing import cast

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import REDUCE
from bankside.kernels.lower.attention_steps import visible
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.memory import Tape
from bankside.kernels.lower.pim.banks import Banks
from bankside.kernels.lower.pim.head_pairs import lower_pairs
from bankside.kernels.lower.pim.passes import Passes, in_passes
from bankside.kernels.lower.rowwise import function_costs
from bankside.kernels.lower.turning import turn, unit_of
from bankside.kernels.operators import Attention, MatMul
from bankside.kernels.operators.attention import MERGE, SCORES, SOFTMAX, VALUES
from bankside.kernels.plan.bank_tiling import BankTiling
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.parts import part_of
from bankside.kernels.plan.split import Split

Int64s = npt.NDArray[np.int64]


def lower_matmul_pim(low: Lowering, plan: OperatorPlan, op: MatMul, label: int) -> None:
    """A matrix product in the banks: output columns are dealt to channels, then to banks."""
    core, hub = low.machine.cores[plan.core], low.machine.cores[plan.home]
    banks, split = Banks(low, core, hub, label), plan.split
    (piece,) = cast(BankTiling, plan.tiling).pieces
    _at_hub(banks, op.a.turned)
    arrived, ended = banks.arrive(), []
    for node in low.groups[core.name]:
        share = split.share(node.first)
        if share.items:
            shape, first = (op.m * op.shared_b, share.inner, op.k), split.start(node.first)
            own = part_of(op.b.format, (first, first + share.inner), (0, op.k))
            formats = (op.a.format, own, op.out.format)
            passes = in_passes(shape, piece[0])
            node.tail = banks.product(node, share.items, passes, formats, piece[1], arrived)
            ended += node.tail
            banks.count(np.array(shape, dtype=np.int64)[:, None], formats, share.items * node.count)
    banks.leave(ended)
    _at_hub(banks, op.out.turned)
    if op.out.name in plan.streamed:
        for node in low.groups[hub.name]:
            node.tail = Tape(low, hub, node, label, write=True).move(op.out.bytes / hub.nodes, node.tail)


def lower_attention_pim(low: Lowering, plan: OperatorPlan, op: Attention, label: int) -> None:
    """Attention in the banks: scores over keys, softmax at the hub, weighted sum over values; heads in pairs where the
    plan has no pieces.

    A channel's tokens are dealt to its banks for the scores; values are stored transposed, so that the banks own
    output elements and no partial sums cross banks. A buffer of queries passes over the tokens that the mask leaves
    to some of them. `label` is the number of the operator's first line in reports.
    """
    core, hub, split = low.machine.cores[plan.core], low.machine.cores[plan.home], plan.split
    banks = Banks(low, core, hub, label)
    pieces = cast(BankTiling, plan.tiling).pieces
    _at_hub(banks, op.q.turned)
    if not pieces:
        lower_pairs(banks, op, split)
        _at_hub(banks, op.out.turned)
        return
    scores, sums = pieces
    rows = op.group * op.queries
    formats = (op.q.format, op.k.format, op.q.format)
    of_scores, of_values = (replace(banks, label=label + line) for line in (SCORES, VALUES))
    arrived, scored, ended = banks.arrive(), [], []
    shares = [(node, share) for node in low.groups[core.name] for share in split.shares(node.first)]
    for node, share in shares:
        together, tokens = met(op, share.inner, scores[0])
        passes = Passes.of(together, tokens, op.d_qk)
        node.tail = of_scores.product(node, share.items, passes, formats, scores[1], arrived)
        scored += node.tail
        banks.count(passes.together, formats, share.items * node.count)
    soft = softmax_at_hub(replace(banks, label=label + SOFTMAX), op, scored)
    for node, share in shares:
        together, tokens = met(op, share.inner, sums[0])
        passes = Passes.of(together, op.d_v, tokens)
        ended += of_values.product(node, share.items, passes, formats, sums[1], soft)
        banks.count(passes.together, formats, share.items * node.count)
    if split.parts > 1:
        ended = _merge(replace(banks, label=label + MERGE), op, split, rows, ended)
    banks.leave(ended)
    _at_hub(banks, op.out.turned)


def _at_hub(banks: Banks, operations: float) -> None:
    """Operations on elements by the hub, for what is broadcast to the banks and what came from them: the banks' lanes
    see a column at a time, and no whole block."""
    for node in banks.low.groups[banks.hub.name]:
        share = operations / banks.hub.nodes
        node.tail = turn(banks.low, banks.hub, node, banks.label, share, node.tail)


def met(op: Attention, context: int, at_once: int) -> tuple[Int64s, Int64s]:
    """Rows of each pass, and the tokens that they meet between them on a channel with `context` of a head's tokens."""
    first = np.arange(0, op.group * op.queries, at_once, dtype=np.int64)
    upto = np.minimum(first + at_once, op.group * op.queries)
    seen = visible(op, first // op.group, -(-upto // op.group))
    return upto - first, np.asarray(-(-seen * context // op.context))


def softmax_at_hub(banks: Banks, op: Attention, deps: list[int]) -> list[int]:
    """All rows at the hub's cores."""
    low, hub = banks.low, banks.hub
    rows = -(-op.softmax_rows // hub.count)
    slot, unit = unit_of(hub, "softmax")
    cols = -(-op.score_elements // op.softmax_rows)
    costs = function_costs(unit, "softmax", (rows, cols, 1), op.score_elements, hub.count)
    whole = np.array([[1], [op.score_elements], [1]], dtype=np.int64)
    low.count_unit(hub, slot, unit.events(whole, work="softmax"))
    node = low.leading(hub)
    arrived = banks.hop(deps)
    return banks.hop([low.builder.fixed(node.units[slot], banks.label, costs, arrived)])


def _merge(banks: Banks, op: Attention, split: Split, rows: int, deps: list[int]) -> list[int]:
    """Partial results of channels that share a head are added at the hub."""
    low, hub = banks.low, banks.hub
    elements = split.items * rows * op.d_v * (split.parts - 1)
    slot, unit = unit_of(hub, "add")
    node = low.leading(hub)
    low.count_unit(hub, slot, unit.events(np.array([[1], [elements], [2]], dtype=np.int64), work="add"))
    busiest = np.array([[1], [-(-elements // hub.count)], [2]], dtype=np.int64)
    cycles = int(unit.cycles(busiest, work="add").interval[0])
    return [low.builder.fixed(node.units[slot], banks.label, [(REDUCE, cycles)], banks.hop(deps))]
