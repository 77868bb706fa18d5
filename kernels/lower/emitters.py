"""What lowering does with each kind of operator."""

from collections.abc import Callable
from typing import Any, Final

from bankside.kernels.lower.attention import lower_attention
from bankside.kernels.lower.collective import lower_collective
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.matmul import lower_matmul
from bankside.kernels.lower.pim.elementwise import lower_rowwise_pim
from bankside.kernels.lower.pim.lower import lower_attention_pim, lower_matmul_pim
from bankside.kernels.lower.processors import emit
from bankside.kernels.lower.rowwise import lower_rowwise
from bankside.kernels.lower.state_step import lower_state_step
from bankside.kernels.lower.tables.lookup import lower_lookup
from bankside.kernels.operators import (
    Attention,
    Collective,
    Lookup,
    MatMul,
    Operator,
    RowWise,
    StateStep,
    Traversal,
)
from bankside.kernels.operators.table import Table
from bankside.kernels.plan.operator_plan import OperatorPlan

Emit = Callable[[Lowering, OperatorPlan, Any, int], None]
"""Append an operator to the program as its plan says, under the number of its label."""


def by_tap(outside: Emit, inside: Emit, processors: Emit) -> Emit:
    """One way through the tap, another inside the DRAM die by its commands, a third by processors there."""

    def chosen(low: Lowering, plan: OperatorPlan, op: Operator, label: int) -> None:
        core = low.machine.cores[plan.core]
        way = processors if core.spec.processor else inside if core.in_dram_die else outside
        way(low, plan, op, label)

    return chosen


EMITTERS: Final[Table[Emit]] = Table(
    "lower",
    {
        MatMul: by_tap(lower_matmul, lower_matmul_pim, emit.product),
        Attention: by_tap(lower_attention, lower_attention_pim, emit.attention),
        RowWise: by_tap(lower_rowwise, lower_rowwise_pim, emit.rowwise),
        StateStep: lower_state_step,
        Traversal: emit.traversal,
        Lookup: lower_lookup,
        Collective: lower_collective,
    },
)
