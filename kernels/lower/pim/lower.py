"""Work inside the DRAM die: products and attention are dealt to channels and their banks. Activations live at the hub,
the nearest core outside that runs row-wise functions; queries and scores of attention go through the same operand
buffer as the rows of a product.
"""

import numpy as np

from bankside.arch.causes import REDUCE
from bankside.arch.machine.machine import Core
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.attention import attention_split
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.memory import Tape
from bankside.kernels.lower.pim.banks import Banks, Formats, Shape
from bankside.kernels.lower.rowwise import function_costs, unit_of
from bankside.kernels.mapping.bank_pieces import piece_of
from bankside.kernels.operators import Attention, MatMul
from bankside.kernels.plan.split import Split


def lower_matmul_pim(low: Lowering, core: Core, hub: Core, op: MatMul, label: int) -> None:
    """A matrix product in the banks: output columns are dealt to channels, then to banks."""
    banks = Banks(low, core, hub, label)
    split = Split(op.batch // op.shared_b, op.n, core.nodes)
    formats = (op.a_format, op.b_format, op.out_format)
    arrived, ended = banks.arrive(), []
    for node in low.groups[core.name]:
        share = split.share(node.first)
        if share.items:
            shape = (op.m * op.shared_b, share.inner, op.k)
            node.tail = _products(banks, node, share.items, shape, formats, arrived)
            ended += node.tail
            banks.count(shape, formats, share.items * node.count)
    tile = piece_of(banks, (op.m * op.shared_b, split.share(0).inner, op.k), formats)
    low.mappings.append(
        {"label": op.label, "core": core.name, "nodes": split.active, "unit": "bank lanes",
         "tile": {"m": tile[0], "n": core.cores, "k": tile[1]}}
    )  # fmt: skip
    banks.leave(ended)
    if op.cached:
        for node in low.groups[hub.name]:
            node.tail = Tape(low, hub, node, label, write=True).move(op.out_bytes / hub.nodes, node.tail)


def _products(
    banks: Banks, node: NodeClass, items: int, shape: Shape, formats: Formats, deps: list[int]
) -> list[int]:
    """`items` products of a channel, one after the other."""
    piece = piece_of(banks, shape, formats)
    tail = deps
    for _ in range(items):
        tail = banks.product(node, shape, formats, piece, tail)
    return tail


def lower_attention_pim(low: Lowering, core: Core, hub: Core, op: Attention, label: int) -> None:
    """Decode attention in the banks: scores over keys, softmax at the hub, weighted sum over values.

    A channel's tokens are dealt to its banks for the scores; values are stored transposed, so that the banks own
    output elements and no partial sums cross banks.
    """
    if not hub.spec.can("softmax"):
        raise ConfigError([f"{op.label}: no core outside the banks has a nonlinear unit for the softmax."])
    if op.queries > 1:
        low.warn(
            f"{op.label}: banks read keys and values again for every buffer of queries; PIM reuses little."
        )
    split = attention_split(op, core.nodes)
    banks = Banks(low, core, hub, label)
    rows = op.group * op.queries
    formats = (op.q_format, op.kv_format, op.q_format)
    arrived, scored, ended = banks.arrive(), [], []
    shares = [(node, split.share(node.first)) for node in low.groups[core.name]]
    for node, share in shares:
        if share.items:
            node.tail = _products(banks, node, share.items, (rows, share.inner, op.d_qk), formats, arrived)
            scored += node.tail
            banks.count((rows, share.inner, op.d_qk + op.d_v), formats, share.items * node.count)
    soft = _softmax(banks, op, scored)
    for node, share in shares:
        if share.items:
            ended += _products(banks, node, share.items, (rows, op.d_v, share.inner), formats, soft)
    if split.parts > 1:
        ended = _merge(banks, op, split, rows, ended)
    low.mappings.append(
        {"label": op.label, "core": core.name, "nodes": split.active, "unit": "bank lanes + hub softmax",
         "tile": {"rows": rows, "tokens": -(-op.context // split.parts)}}
    )  # fmt: skip
    banks.leave(ended)


def _softmax(banks: Banks, op: Attention, deps: list[int]) -> list[int]:
    """All rows at the hub's cores."""
    low, hub = banks.low, banks.hub
    rows = -(-op.softmax_rows // hub.count)
    slot, unit = unit_of(hub, "softmax")
    costs = function_costs(
        unit, "softmax", (rows, op.softmax_cols, 1), op.softmax_rows * op.softmax_cols, hub.count
    )
    whole = np.array([[1], [op.score_elements], [1]], dtype=np.int64)
    low.count_unit(hub, slot, unit.events(whole, work="softmax"))
    node = low.groups[hub.name][0]
    arrived = banks.hop(deps)
    return banks.hop([low.builder.fixed(node.units[slot], banks.label, costs, arrived)])


def _merge(banks: Banks, op: Attention, split: Split, rows: int, deps: list[int]) -> list[int]:
    """Partial results of channels that share a head are added at the hub."""
    low, hub = banks.low, banks.hub
    elements = split.items * rows * op.d_v * (split.parts - 1)
    slot, unit = unit_of(hub, "add")
    node = low.groups[hub.name][0]
    low.count_unit(hub, slot, unit.events(np.array([[1], [elements], [2]], dtype=np.int64), work="add"))
    busiest = np.array([[1], [-(-elements // hub.count)], [2]], dtype=np.int64)
    cycles = int(unit.cycles(busiest, work="add").interval[0])
    return [low.builder.fixed(node.units[slot], banks.label, [(REDUCE, cycles)], banks.hop(deps))]
