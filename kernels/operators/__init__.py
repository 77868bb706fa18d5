"""The work of a kernel, free of any machine: matrix products, attention and row-wise functions.

A `Kernel` is phases of operators. Byte counts are the least a machine can move: every operand read once,
every result written once. They are what lower bounds and arithmetic intensities stand on.
"""

from bankside.kernels.operators.attention import Attention
from bankside.kernels.operators.kernel import Kernel, Operator, Phase
from bankside.kernels.operators.matmul import MatMul, OperandClass
from bankside.kernels.operators.rowwise import FUNCTIONS, Function, RowWise

__all__ = [
    "FUNCTIONS",
    "Attention",
    "Function",
    "Kernel",
    "MatMul",
    "OperandClass",
    "Operator",
    "Phase",
    "RowWise",
]
