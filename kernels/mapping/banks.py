"""Work inside the DRAM die: what a channel has of it, and the pieces in which its operands come."""

from dataclasses import replace

import numpy as np

from bankside.arch.spec import ConfigError
from bankside.kernels.lower.attention_steps import visible
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.pim.banks import Banks
from bankside.kernels.lower.pim.head_pairs import runs_in_pairs
from bankside.kernels.mapping.bank_pieces import piece_of
from bankside.kernels.mapping.scene import Scene
from bankside.kernels.operators import Attention, MatMul, Operator, RowWise
from bankside.kernels.plan.bank_tiling import BankTiling
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.partition import whole
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split


def decide_product(scene: Scene, op: MatMul) -> OperatorPlan:
    """Output columns of every product are dealt to channels; node 0 has the largest share."""
    core = scene.core
    split = Split(op.batch // op.shared_b, op.n, core.nodes, ("batch", "n"))
    formats = (op.a.format, op.b.format, op.out.format)
    shape = (op.m * op.shared_b, split.share(0).inner, op.k)
    piece = piece_of(_banks(scene), shape, formats)
    tile = {"m": piece[0], "n": core.cores, "k": piece[1]}
    written = {op.out.name} if op.cached and scene.keeps else set()
    unit = "bank lanes" if op.b.format.decided is None else core.spec.units["matmul"].unit
    axes = (("columns", split.parts),) if split.parts > 1 else (("batch", split.grid["batch"]),)
    lying = {op.b.name: Placement(core.name, axes, core.memory.name)}
    return _plan(scene, op, split, lying, BankTiling((piece,), unit, tile), written)


def decide_attention(scene: Scene, op: Attention) -> OperatorPlan:
    """Heads are dealt to channels, or their tokens where there are fewer heads; the softmax is at the hub.

    Raises
    ------
    ConfigError
        If the hub has no unit for it.
    """
    core, home = scene.core, scene.home
    if not home.spec.can("softmax"):
        raise ConfigError([f"{op.label}: no core outside the banks has a nonlinear unit for the softmax."])
    split = Split(op.sequences * op.kv_heads, op.context, core.nodes, ("heads", "context"))
    in_pairs = runs_in_pairs(core, home, op, split)
    split = replace(split, evenly=op.decodes and not in_pairs)
    tiling = _tiling(scene, op, split, in_pairs)
    axes = (("heads", split.grid["heads"]), *((("context", split.parts),) if split.parts > 1 else ()))
    lying = {tensor.name: Placement(core.name, axes, core.memory.name) for tensor in (op.k, op.v)}
    sentence = f"{op.label}: banks read keys and values again for every buffer of queries; PIM reuses little."
    notes = (sentence,) if op.queries > 1 else _passes_note(op, tiling)
    if core.spec.can("softmax"):
        notes += (
            f"{op.label}: the softmax is at {home.name}, where whole rows of scores are; the nonlinear units of "
            f"{core.name} in the banks do nothing for it.",
        )
    return _plan(scene, op, split, lying, tiling, set(), notes)


def _passes_note(op: Attention, tiling: BankTiling) -> tuple[str, ...]:
    """What is read more than once because the banks hold fewer query heads of a group than there are."""
    found = []
    for name, (at_once, _) in zip(("keys", "values"), tiling.pieces, strict=False):
        if (passes := -(-op.group // at_once)) > 1:
            each = "once for each query head" if at_once == 1 else f"for {at_once} query heads at a time"
            found.append(
                f"{op.label}: {name} are read {passes} times, {each} of the {op.group} that share them."
            )
    return tuple(found)


def decide_rowwise(scene: Scene, op: RowWise) -> OperatorPlan:
    """Elements are dealt to channels, where operands rest and results are left."""
    core = scene.core
    split = Split(op.rows, op.cols, core.nodes, ("rows", "columns"))
    columns = (("columns", split.parts),) if split.parts > 1 else ()
    lies = Placement(core.name, (("rows", split.grid["rows"]), *columns), core.memory.name)
    lying = {tensor.name: lies for tensor in (*op.inputs, *op.outputs)}
    tiling = BankTiling((), "bank lanes", {"elements": split.share(0).items * split.share(0).inner})
    return OperatorPlan(scene.key, core.name, scene.home.name, split, lying, frozenset(lying), tiling)


def _tiling(scene: Scene, op: Attention, split: Split, in_pairs: bool) -> BankTiling:
    """Heads in pairs where the controllers of channels can, else products whose softmax is between them."""
    rows = op.group * op.queries
    tile = {"rows": rows, "tokens": -(-op.context // split.parts)}
    if in_pairs:
        return BankTiling((), "bank lanes + hub softmax, heads in pairs", tile)
    banks, formats = _banks(scene), (op.q.format, op.k.format, op.q.format)
    query = np.arange(op.queries, dtype=np.int64)
    most = int(visible(op, query, query + 1).max())
    tokens = -(-most * split.shares(0)[0].inner // op.context)  # of the query that meets most
    scores = piece_of(banks, (rows, tokens, op.d_qk), formats)
    sums = piece_of(banks, (rows, op.d_v, tokens), formats)
    stated = scene.core.spec.sums
    if stated is not None and stated.kv_depth is not None:
        scores, sums = ((at_once, min(cut, stated.kv_depth)) for at_once, cut in (scores, sums))
    return BankTiling((scores, sums), "bank lanes + hub softmax", tile)


def _banks(scene: Scene) -> Banks:
    return Banks(Lowering(scene.bench.machine), scene.core, scene.home, 0)


def _plan(
    scene: Scene, op: Operator, split: Split, lying: dict[str, Placement], tiling: BankTiling, written: set[str],
    notes: tuple[str, ...] = (),
) -> OperatorPlan:  # fmt: skip
    """Inputs come from the hub as they lie there, and results are left there."""
    waiting = {
        tensor.name: scene.places.latest((tensor,), scene.home.name).placement for tensor in op.carried
    }
    made = {tensor.name: whole(scene.home) for tensor in op.outputs}
    return OperatorPlan(
        scene.key, scene.core.name, scene.home.name, split, waiting | lying | made,
        frozenset(lying) | written, tiling, scene.store(op), notes=notes,
    )  # fmt: skip
