"""A recurrence whose state of fixed size every token passes: linear attention, delta rules, state spaces."""

from dataclasses import dataclass, replace
from typing import Final, Self

from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import Taken
from bankside.kernels.operators.operator import Operator
from bankside.kernels.operators.tensor import Tensor

STEPS: Final[dict[str, int]] = {
    "linear_step": 5,  # decay; key x value, added; times query, added
    "delta_step": 7,  # the same, and before it what the key finds: times key, added
    "selective_step": 7,  # rate x exponent, exp, decay; input x value, added; times output, added
}
"""Operations of each element of a state by kind of step, by the convention of `FUNCTIONS`.

Computed from the recurrences of Katharopoulos et al. 2020 (linear attention) and Dao and Gu 2024 (Mamba-2), of Yang et
al. 2025 (Gated DeltaNet; products are 6 of the 7, the 6 d^2 a token of the Kimi Linear report, recalled), and of Gu and
Dao 2023 (Mamba, whose decays are made element by element)."""


@dataclass(frozen=True, slots=True)
class StateStep(Operator):
    """S <- decay S + k v^T and y = S^T q for the state S of every head, token by token, in one fused operator.

    A delta rule takes what S holds under k away first: v <- rate (v - decay S^T k). A selective step has a decay for
    every element. The state is read once and written once, however many tokens pass; work on it is element by element,
    of plain numbers.

    Parameters
    ----------
    label
        The operator's name in reports.
    function
        A name in `STEPS`.
    states, d_k, d_v
        States of all sequences, and the shape of one.
    tokens
        New tokens of a sequence.
    sources
        Queries, keys, values, decays and rates, whole or in parts.
    state
        States, shape (states, d_k, d_v).
    out
        Results of every token.
    weights
        What makes decays.
    fresh
        Whether the states begin as zeros, so that none is read.
    kept
        The format that states are written in, where a core does more for it than for what it reads.
    """

    label: str
    function: str
    states: int
    d_k: int
    d_v: int
    tokens: int
    sources: tuple[Tensor, ...]
    state: Tensor
    out: Tensor
    weights: Tensor | None = None
    fresh: bool = False
    kept: Format | None = None

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """What comes to the states, the states, and weights."""
        kept = () if self.fresh else (self.state,)
        return (*self.sources, *kept, *((self.weights,) if self.weights else ()))

    @property
    def written(self) -> Tensor:
        """The states as they are kept for the next token."""
        format = self.kept or self.state.format
        return Tensor(f"{self.state.name}.new", self.state.shape, format, "kv", self.state.name)

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Results, and states."""
        return self.out, self.written

    @property
    def elements(self) -> int:
        """Elements of states that all tokens pass."""
        return self.states * self.d_k * self.d_v * self.tokens

    @property
    def macs(self) -> int:
        """None: work on states does not use the matrix unit."""
        return 0

    @property
    def flops(self) -> int:
        """Operations by the convention of `STEPS`."""
        return STEPS[self.function] * self.elements

    def computed_in(self, taken: Taken) -> Self:
        """Everything as functions of elements read it, the results and the states as they are written."""
        sources = tuple(tensor.read_in(taken.read) for tensor in self.sources)
        weights = self.weights and self.weights.read_in(taken.read)
        state, out = self.state.read_in(taken.read), self.out.read_in(taken.written)
        kept = self.state.read_in(taken.written).format
        return replace(self, sources=sources, weights=weights, state=state, out=out, kept=kept)

    @property
    def turned_in(self) -> float:
        """Operations that turn what comes to the states into plain numbers."""
        return sum(tensor.turned for tensor in self.inputs if tensor is not self.state)
