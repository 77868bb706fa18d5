"""The work of a kernel, free of any machine: matrix products, attention, recurrences, row-wise
functions and traversals of vectors.

A `Kernel` is phases of operators, and an operator names the tensors that it reads and writes. Byte counts are the
least a machine can move: every operand read once, every result written once. They are what lower bounds and
arithmetic intensities stand on.
"""

from bankside.kernels.operators.attention import Attention
from bankside.kernels.operators.collective import Collective
from bankside.kernels.operators.kernel import Kernel, Phase
from bankside.kernels.operators.lookup import Lookup
from bankside.kernels.operators.matmul import MatMul
from bankside.kernels.operators.operator import Operator
from bankside.kernels.operators.rowwise import FUNCTIONS, Function, RowWise
from bankside.kernels.operators.state_step import StateStep
from bankside.kernels.operators.tensor import Role, Tensor
from bankside.kernels.operators.traversal import Traversal
from bankside.kernels.operators.windows import Windows

__all__ = [
    "FUNCTIONS",
    "Attention",
    "Collective",
    "Function",
    "Kernel",
    "Lookup",
    "MatMul",
    "Operator",
    "Phase",
    "Role",
    "RowWise",
    "StateStep",
    "Tensor",
    "Traversal",
    "Windows",
]
