"""Multi-head latent attention: keys and values of all heads are up-projections of one latent row."""

from dataclasses import dataclass

from bankside.kernels.models.heads import Indexer
from bankside.kernels.models.weight import Weight, matrix


@dataclass(frozen=True, slots=True)
class Mla:
    """Latent attention (DeepSeek-V2).

    Parameters
    ----------
    heads
        Query heads.
    q_lora
        Width of the query's latent; 0 where queries are projected directly.
    kv_lora
        Width of the latent of keys and values, which is cached.
    nope, rope
        Parts of a head's query and key without and with rotary position; the rotary key is shared by all
        heads and cached beside the latent.
    v
        Width of a head's value.
    bias
        Whether the projections to latents, and the one of the results, carry a bias vector.
    rotated
        Whether the rotary part is rotated at all (not in Kimi-Linear).
    gate
        Whether results are gated element by element (Kimi-K3).
    sparse, top, indexer
        Whether only picked keys are met, how many, and what picks them; a layer that uses another layer's picks has no
        indexer.
    """

    heads: int
    q_lora: int
    kv_lora: int
    nope: int
    rope: int
    v: int
    bias: bool = False
    rotated: bool = True
    gate: bool = False
    sparse: bool = False
    top: int = 0
    indexer: Indexer | None = None

    @property
    def kind(self) -> str:
        """The word for it in reports."""
        return "mla-sparse" if self.sparse else "mla"

    @property
    def kv_elements(self) -> int:
        """Elements that are cached per token: latent, rotary key, and the key of the indexer."""
        return self.kv_lora + self.rope + (self.indexer.head_dim if self.indexer is not None else 0)

    @property
    def state_elements(self) -> int:
        """None: nothing but the cache is kept."""
        return 0

    def weights(self, hidden: int) -> tuple[Weight, ...]:
        """Projections on a residual stream of width `hidden`, and norms of the latents."""
        query, found = self.heads * (self.nope + self.rope), []
        if self.q_lora:
            found += [
                matrix("attn.q_a_proj", self.q_lora, hidden, self.bias),
                Weight("attn.q_a_norm", self.q_lora),
                matrix("attn.q_b_proj", query, self.q_lora),
            ]
        else:
            found.append(matrix("attn.q_proj", query, hidden))
        found += [
            matrix("attn.kv_a_proj", self.kv_lora + self.rope, hidden, self.bias),
            Weight("attn.kv_a_norm", self.kv_lora),
            matrix("attn.kv_b_proj", self.heads * (self.nope + self.v), self.kv_lora),
        ]
        if self.gate:
            found.append(matrix("attn.gate_proj", self.heads * self.v, hidden))
        if self.indexer is not None:
            found += self.indexer.weights(hidden)
        return (*found, matrix("attn.o_proj", hidden, self.heads * self.v, self.bias))
