"""How long attention takes alone on a core, by the engine: whole, or a part of it with what follows in proportion.

Outside the banks tiles of keys and values stream by at one pace from the first to the last, whatever head they are of,
so that a part tells the whole closely. What banks do is looped, and short to run whole.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from bankside.arch.engine.execute import execute
from bankside.arch.machine.channels import Memories
from bankside.arch.machine.machine import FS_PER_S, Core, Machine
from bankside.arch.machine.once import once
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.attention_steps import step_count
from bankside.kernels.lower.phase import lower_phase
from bankside.kernels.mapping import attention, banks
from bankside.kernels.mapping.cores import hub_of
from bankside.kernels.mapping.memo import Memo
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.scene import Bench, Scene, Sharer
from bankside.kernels.operators import Attention
from bankside.kernels.plan.blocks import Blocks
from bankside.kernels.plan.operator_plan import OperatorPlan, PhasePlan, Step
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.places import Places

TILES: Final = 512
"""Tiles of a node that a part has about; of twice as many at most all are run."""

LONG: Final = 16
"""Tiles of a head at least: the first and the last of a head take longer."""


@dataclass(frozen=True)
class Trial:
    """Attention alone on a core, where the queries lie before it and the results after it.

    around_s: what launching it takes, whatever its size; least_s: what is known that it takes at least [s].
    """

    machine: Machine
    core: Core
    op: Attention
    around_s: float
    least_s: float

    def whole_s(self) -> float:
        """Time of all of it; infinity where the core's SRAM does not hold what it needs [s]."""
        try:
            plan = self._plan(self.op)
        except ConfigError:
            return math.inf
        return self._run_s(self.op, plan, self.least_s)

    def part_s(self) -> tuple[float, float] | None:
        """Time of all of it as a part has it, at least and at most; None where little would be left out [s].

        What is read follows heads, what is computed the rounds of them.
        """
        if self.core.in_dram_die:
            return None
        blocks, _ = attention.blocks_of(self.machine, self.core, self.op)
        part = part_of(self.core, self.op, blocks)
        if part is None:
            return None
        work = (_work(self.core, op, blocks) for op in (self.op, part))
        times = [whole / some for whole, some in zip(*work, strict=True)]
        pin = PinSpec.model_validate({"operator": part.label, **blocks.as_dict()})
        run_s = self._run_s(part, self._plan(part, pin), self.least_s / max(times)) - self.around_s
        return self.around_s + run_s * min(times), self.around_s + run_s * max(times)

    def _plan(self, op: Attention, pin: PinSpec | None = None) -> OperatorPlan:
        core = self.core
        bench = Bench(self.machine, core, Memo())
        scene = Scene(bench, op.label, self._home, Places(self._start), False, (Sharer(op, False, pin),), pin)
        return (banks.decide_attention if core.in_dram_die else attention.decide)(scene, op)

    @property
    def _home(self) -> Core:
        return hub_of(self.machine, self.core) if self.core.in_dram_die else self.core

    @property
    def _start(self) -> Placement:
        home = self._home
        return Placement(home.name, (("rows", home.nodes),), home.memory.name)

    def _run_s(self, op: Attention, plan: OperatorPlan, least_s: float) -> float:
        lowered = lower_phase(self.machine, [op], PhasePlan(self._start, (Step(0, op, plan),)), fold=True)
        memory = once(self.machine, "trials", Memories).of(self.machine, least_s)
        return execute(lowered.program, lowered.state.hardware(memory=memory)).total_fs / FS_PER_S


def part_of(core: Core, op: Attention, blocks: Blocks) -> Attention | None:
    """Fewer sequences, or of few ones fewer tokens in whole tiles, of which about `TILES` tiles are; None where little
    would be left out."""
    tiles = _tiles(core, op, blocks)
    if not op.decodes or tiles <= 2 * TILES:
        return None
    together = core.nodes * blocks.head_cores
    rounds = together // math.gcd(together, op.kv_heads)  # sequences of whole rounds of heads
    sequences = min(op.sequences, -(-op.sequences * TILES // (tiles * rounds)) * rounds)
    part = _smaller(op, sequences, op.context)
    tiles = _tiles(core, part, blocks)
    if tiles > 2 * TILES and not (op.window or op.chunk):
        parts = attention.split_of(core, part).parts
        tile = blocks.tokens * blocks.context_cores * parts
        whole = max(LONG, TILES * op.context // (tile * tiles), -(-2 * op.queries // tile))
        if (tokens := whole * tile) < op.context:
            part = _smaller(op, sequences, tokens)
    return part if 2 * _tiles(core, part, blocks) <= _tiles(core, op, blocks) else None


def _smaller(op: Attention, sequences: int, context: int) -> Attention:
    """The same with fewer sequences or tokens."""
    q, out = (replace(each, shape=(sequences, *each.shape[1:])) for each in (op.q, op.out))
    k, v = (replace(each, shape=(sequences, op.kv_heads, context, each.columns)) for each in (op.k, op.v))
    return replace(op, sequences=sequences, context=context, q=q, k=k, v=v, out=out)


def _shares(core: Core, op: Attention, blocks: Blocks) -> list[tuple[int, int, int]]:
    """Heads of the busiest node, the rounds in which they are, and the tokens of each."""
    return [
        (share.items, -(-share.items // blocks.within(share.items, share.inner).head_cores), share.inner)
        for share in attention.split_of(core, op).shares(0)
    ]


def _tiles(core: Core, op: Attention, blocks: Blocks) -> int:
    """Tiles that the busiest node passes."""
    return sum(rounds * step_count(op, blocks, 1, tokens) for _, rounds, tokens in _shares(core, op, blocks))


def _work(core: Core, op: Attention, blocks: Blocks) -> tuple[float, float]:
    """Tokens of all heads, and of all rounds, that the busiest node's queries meet."""
    shares, met = _shares(core, op, blocks), op.pairs / (op.context * op.queries)
    return (
        met * sum(heads * tokens for heads, _, tokens in shares),
        met * sum(rounds * tokens for _, rounds, tokens in shares),
    )
