"""Layers that keep a state of fixed size instead of a cache: gated delta rules, linear attention, state spaces."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from bankside.kernels.formats import FORMATS
from bankside.kernels.models.weight import Weight, matrix

STATE_FORMAT: Final = FORMATS["fp32"]
"""Of states, whatever the other formats: sums over all tokens lose small terms in less."""


@dataclass(frozen=True, slots=True)
class GatedDelta:
    """The gated delta rule (Qwen3-Next).

    Parameters
    ----------
    key_heads, value_heads
        Heads of queries and keys, and of values; each of the latter keeps a state.
    key_dim, value_dim
        Width of a head's key and value: the state's shape.
    conv
        Length of the convolution over earlier tokens.
    """

    key_heads: int
    value_heads: int
    key_dim: int
    value_dim: int
    conv: int
    kind: str = "gated-delta"

    @property
    def kv_elements(self) -> int:
        """None: nothing grows with the context."""
        return 0

    @property
    def channels(self) -> int:
        """Rows of queries, keys and values together, which the convolution passes."""
        return 2 * self.key_heads * self.key_dim + self.value_heads * self.value_dim

    @property
    def state_elements(self) -> int:
        """The state of every value head, and what the convolution remembers."""
        return self.value_heads * self.key_dim * self.value_dim + self.channels * (self.conv - 1)

    def weights(self, hidden: int) -> tuple[Weight, ...]:
        """Projections of queries, keys, values, gates, rates; the convolution; the norm of results."""
        values = self.value_heads * self.value_dim
        return (
            matrix("delta.qkv_proj", self.channels, hidden),
            matrix("delta.gate_proj", values, hidden),
            matrix("delta.rate_proj", 2 * self.value_heads, hidden),
            matrix("delta.conv", self.channels, self.conv),
            Weight("delta.decay", 2 * self.value_heads),
            Weight("delta.norm", self.value_dim),
            matrix("delta.o_proj", hidden, values),
        )


@dataclass(frozen=True, slots=True)
class KimiDelta:
    """The delta rule with a decay for every channel (Kimi-Linear).

    Parameters
    ----------
    heads, head_dim
        Heads, and the width of each one's query, key and value.
    conv
        Length of the convolution over earlier tokens.
    full_gate
        Whether the output gate is one projection instead of two through the width of a head.
    """

    heads: int
    head_dim: int
    conv: int
    full_gate: bool = False
    kind: str = "kimi-delta"

    @property
    def kv_elements(self) -> int:
        """None: nothing grows with the context."""
        return 0

    @property
    def state_elements(self) -> int:
        """A square state a head, and what the convolution remembers."""
        rows = self.heads * self.head_dim
        return rows * self.head_dim + 3 * rows * (self.conv - 1)

    def weights(self, hidden: int) -> tuple[Weight, ...]:
        """Projections of queries, keys, values, decays, rates and gates; the convolution; the norm of results."""
        rows = self.heads * self.head_dim
        gate = (
            (matrix("delta.gate_proj", rows, hidden),)
            if self.full_gate
            else (
                matrix("delta.gate_a_proj", self.head_dim, hidden),
                matrix("delta.gate_b_proj", rows, self.head_dim),
            )
        )
        return (
            matrix("delta.qkv_proj", 3 * rows, hidden),
            matrix("delta.conv", 3 * rows, self.conv),
            matrix("delta.decay_a_proj", self.head_dim, hidden),
            matrix("delta.decay_b_proj", rows, self.head_dim),
            matrix("delta.rate_proj", self.heads, hidden),
            Weight("delta.decay", rows + self.heads),
            *gate,
            Weight("delta.norm", self.head_dim),
            matrix("delta.o_proj", hidden, rows),
        )


@dataclass(frozen=True, slots=True)
class Lightning:
    """Linear attention with a fixed decay a head (MiniMax-01)."""

    heads: int
    head_dim: int
    kind: str = "linear"

    @property
    def kv_elements(self) -> int:
        """None: nothing grows with the context."""
        return 0

    @property
    def state_elements(self) -> int:
        """A square state a head."""
        return self.heads * self.head_dim * self.head_dim

    def weights(self, hidden: int) -> tuple[Weight, ...]:
        """Projections of queries, keys and values, the output gate, the norm of results."""
        rows = self.heads * self.head_dim
        return (
            matrix("linear.qkv_proj", 3 * rows, hidden),
            matrix("linear.gate_proj", rows, hidden),
            Weight("linear.norm", rows),
            matrix("linear.o_proj", hidden, rows),
        )


@dataclass(frozen=True, slots=True)
class Mamba2:
    """A state space with scalar decays a head (Mamba-2).

    Parameters
    ----------
    heads, head_dim
        Heads, and channels of each.
    groups, state
        Groups of heads that share inputs and outputs of the state, and its width.
    conv
        Length of the convolution over earlier tokens.
    conv_bias, bias
        Whether the convolution, and the projections, carry a bias.
    norm
        Whether results are normalised.
    chunk
        Tokens of a prompt that go through the recurrence at once.
    """

    heads: int
    head_dim: int
    groups: int
    state: int
    conv: int
    conv_bias: bool = True
    bias: bool = False
    norm: bool = True
    chunk: int = 256
    kind: str = "ssm"

    @property
    def kv_elements(self) -> int:
        """None: nothing grows with the context."""
        return 0

    @property
    def channels(self) -> int:
        """Rows that the convolution passes: all heads' channels, inputs and outputs of the state."""
        return self.heads * self.head_dim + 2 * self.groups * self.state

    @property
    def state_elements(self) -> int:
        """The state of every channel, and what the convolution remembers."""
        return self.heads * self.head_dim * self.state + self.channels * (self.conv - 1)

    def weights(self, hidden: int) -> tuple[Weight, ...]:
        """Projections in and out, the convolution, decays, skips and rates, the norm of results."""
        inner = self.heads * self.head_dim
        return (
            matrix("ssm.in_proj", inner + self.channels + self.heads, hidden, self.bias),
            matrix("ssm.conv", self.channels, self.conv, self.conv_bias),
            Weight("ssm.decay", 3 * self.heads),
            *([Weight("ssm.norm", inner)] if self.norm else []),
            matrix("ssm.out_proj", hidden, inner, self.bias),
        )


@dataclass(frozen=True, slots=True)
class Mamba1:
    """A state space with a decay for every channel and state (Mamba).

    Parameters
    ----------
    inner, state
        Channels, and the width of each one's state.
    rank
        Width through which rates are projected.
    conv
        Length of the convolution over earlier tokens.
    conv_bias, bias
        Whether the convolution, and the projections in and out, carry a bias.
    norms
        Whether rates, inputs and outputs of the state are normalised (Jamba).
    """

    inner: int
    state: int
    rank: int
    conv: int
    conv_bias: bool = True
    bias: bool = False
    norms: bool = False
    kind: str = "ssm"

    @property
    def kv_elements(self) -> int:
        """None: nothing grows with the context."""
        return 0

    @property
    def state_elements(self) -> int:
        """The state of every channel, and what the convolution remembers."""
        return self.inner * (self.state + self.conv - 1)

    def weights(self, hidden: int) -> tuple[Weight, ...]:
        """Projections in, out, of rates and of the state's inputs and outputs; the convolution; decays, skips."""
        chosen = self.rank + 2 * self.state
        return (
            matrix("ssm.in_proj", 2 * self.inner, hidden, self.bias),
            matrix("ssm.conv", self.inner, self.conv, self.conv_bias),
            matrix("ssm.x_proj", chosen, self.inner),
            matrix("ssm.dt_proj", self.inner, self.rank, True),
            Weight("ssm.decay", self.inner * (self.state + 1)),
            *([Weight("ssm.norms", chosen)] if self.norms else []),
            matrix("ssm.out_proj", hidden, self.inner, self.bias),
        )


Recurrent: TypeAlias = GatedDelta | KimiDelta | Lightning | Mamba2 | Mamba1
