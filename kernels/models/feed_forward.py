"""Feed-forward parts: one dense network, or a mixture of experts."""

from dataclasses import dataclass, replace

from bankside.kernels.models.weight import Weight, matrix


@dataclass(frozen=True, slots=True)
class Dense:
    """down(act(gate(x)) * up(x)), or without gates down(act(up(x))).

    Parameters
    ----------
    width
        Of the intermediate rows.
    activation
        A row-wise function: "silu", "gelu", "relu"; in a gated part the gate's.
    gated
        Whether there is a gate.
    bias, down_bias
        Whether the projections to the intermediate width, and the one back, carry a bias vector.
    """

    width: int
    activation: str
    gated: bool = True
    bias: bool = False
    down_bias: bool = False

    @property
    def kind(self) -> str:
        """The word for it in reports."""
        return "gated" if self.gated else "dense"

    def weights(self, hidden: int, prefix: str = "mlp") -> tuple[Weight, ...]:
        """Projections on rows of width `hidden`."""
        gate = [matrix(f"{prefix}.gate_proj", self.width, hidden, self.bias)] if self.gated else []
        return (
            *gate,
            matrix(f"{prefix}.up_proj", self.width, hidden, self.bias),
            matrix(f"{prefix}.down_proj", hidden, self.width, self.down_bias),
        )


@dataclass(frozen=True, slots=True)
class Moe:
    """A mixture of experts.

    Parameters
    ----------
    experts, per_token
        Routed experts, and how many of them a token visits.
    width
        Intermediate width of one expert.
    shared_width
        Intermediate width of the expert that every token visits; 0 where there is none.
    scores
        Function of the router's output: "softmax" or "sigmoid".
    router_bias
        Whether a bias per expert corrects the choice (DeepSeek-V3), or is part of the router (gpt-oss).
    activation, gated
        As in a dense part.
    bias
        Whether the experts' projections carry bias vectors.
    shared_gate
        Whether the shared expert's result is weighed by a projection to one number (Qwen2-MoE).
    latent
        Width that routed experts work in, between two projections; 0 for the residual stream's.
    latent_norm
        Whether what comes back from that width is normalised (Kimi-K3).
    beside
        A dense part that works beside the mixture on the same layer (Gemma-4).
    extra
        Weights that only this mixture has: norms and scales of a router.
    """

    experts: int
    per_token: int
    width: int
    shared_width: int = 0
    scores: str = "softmax"
    router_bias: bool = False
    activation: str = "silu"
    gated: bool = True
    bias: bool = False
    shared_gate: bool = False
    latent: int = 0
    latent_norm: bool = False
    beside: Dense | None = None
    extra: tuple[Weight, ...] = ()

    @property
    def kind(self) -> str:
        """The word for it in reports."""
        return "moe"

    def with_shared(self, width: int) -> "Moe":
        """The same with a shared expert of `width`."""
        return replace(self, shared_width=width)

    def weights(self, hidden: int) -> tuple[Weight, ...]:
        """Router, routed experts, the shared expert, and what else stands on rows of width `hidden`."""
        found = [Weight("moe.router", self.experts, hidden, self.experts if self.router_bias else 0)]
        expert = Dense(self.width, self.activation, self.gated, self.bias, self.bias)
        found += [
            weight._replace(copies=self.experts, visited=self.per_token)
            for weight in expert.weights(self.latent or hidden, "moe.experts")
        ]
        if self.latent:
            found += [
                matrix("moe.latent_down_proj", self.latent, hidden),
                matrix("moe.latent_up_proj", hidden, self.latent),
                *([Weight("moe.latent_norm", self.latent)] if self.latent_norm else []),
            ]
        if self.shared_width:
            shared = Dense(self.shared_width, self.activation, self.gated, self.bias, self.bias)
            found += shared.weights(hidden, "moe.shared")
        if self.shared_gate:
            found.append(matrix("moe.shared.weight_proj", 1, hidden))
        if self.beside is not None:
            found += self.beside.weights(hidden)
        return (*found, *self.extra)
