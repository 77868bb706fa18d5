"""One layer: what mixes tokens, what works on each token alone, and the norms around them."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from bankside.kernels.models.compressed import Compressed
from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.heads import Heads
from bankside.kernels.models.latent import Mla
from bankside.kernels.models.recurrent import Recurrent
from bankside.kernels.models.weight import Weight

Mixer: TypeAlias = Heads | Mla | Compressed | Recurrent
FeedForward: TypeAlias = Dense | Moe

# Norms of a layer by where they stand: before each part; before the second alone, where the embedding has just
# been normalised (ModernBERT); after each residual add (BERT); before and after each
# part (Gemma-2); after each part, before its residual add (OLMo-2); before both parts at once, which then work
# on the same rows (GPT-J), or on rows with a norm each (GPT-NeoX); before the only part (Mamba).
Order = Literal["pre", "pre-first", "post", "sandwich", "inner", "parallel", "parallel-two", "single"]
NORMS: Final[dict[Order, tuple[str, ...]]] = {
    "pre": ("attn.norm", "mlp.norm"),
    "pre-first": ("mlp.norm",),
    "post": ("attn.norm", "mlp.norm"),
    "sandwich": ("attn.norm", "attn.post_norm", "mlp.norm", "mlp.post_norm"),
    "inner": ("attn.post_norm", "mlp.post_norm"),
    "parallel": ("norm",),
    "parallel-two": ("attn.norm", "mlp.norm"),
    "single": ("norm",),
}


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a stack.

    Parameters
    ----------
    mixer
        Attention or a recurrence; None where the layer has none.
    feed_forward
        Dense or mixture; None where the layer has none.
    order
        Where the norms over the residual stream stand.
    cross
        Attention of a decoder to its encoder's rows, with a norm of its own.
    extra
        Weights that stand beside the parts: scales of the residual stream, hyper-connections.
    stack
        "encoder" or "decoder" where a model has both.
    formats
        Names of the formats of weights that are stored in another than the model's, by the weights' names.
    """

    mixer: Mixer | None
    feed_forward: FeedForward | None
    order: Order = "pre"
    cross: Heads | None = None
    extra: tuple[Weight, ...] = ()
    stack: str = ""
    formats: tuple[tuple[str, str], ...] = ()

    @property
    def norms(self) -> tuple[str, ...]:
        """Norms over the residual stream, in the order in which they stand."""
        return NORMS[self.order] + (("cross.norm",) if self.cross is not None else ())

    @property
    def kinds(self) -> tuple[str, str]:
        """The kinds of the two parts, "none" where one is missing."""
        mixer = self.mixer.kind if self.mixer is not None else "none"
        return mixer, self.feed_forward.kind if self.feed_forward is not None else "none"

    def attention_weights(self, hidden: int) -> tuple[Weight, ...]:
        """Of what mixes tokens."""
        own = self.mixer.weights(hidden) if self.mixer is not None else ()
        cross = self.cross.weights(hidden) if self.cross is not None else ()
        return own + tuple(each._replace(name=each.name.replace("attn.", "cross.")) for each in cross)

    def mlp_weights(self, hidden: int) -> tuple[Weight, ...]:
        """Of what works on each token alone, and beside the parts."""
        return (self.feed_forward.weights(hidden) if self.feed_forward is not None else ()) + self.extra

    @property
    def kv_elements(self) -> int:
        """Elements that are cached per token; an encoder's layer caches nothing."""
        return self.mixer.kv_elements if self.mixer is not None and self.stack != "encoder" else 0

    @property
    def state_elements(self) -> int:
        """Elements of the state that every sequence keeps, whatever its length."""
        return self.mixer.state_elements if self.mixer is not None else 0
