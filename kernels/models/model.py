"""What a model is, free of Hugging Face's key names: a list of layers between tables and a head."""

from dataclasses import dataclass

from bankside.kernels.formats import FORMATS, Format
from bankside.kernels.models.head import NO_HEAD, Head
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.quantised import AS_IT_IS, Stored
from bankside.kernels.models.weight import Weight


@dataclass(frozen=True, slots=True)
class Model:
    """A stack of layers.

    Parameters
    ----------
    model_type
        Hugging Face's type.
    hidden, vocab, max_positions
        Width of the residual stream, rows of the embedding, and the context the model was made for (0 where it
        has no limit).
    layers
        All layers in order; equal ones may be one object.
    norm, norm_rows
        "rmsnorm" or "layernorm", and vectors of a norm over the residual stream: 1 gain, 2 with a bias, 0.
    final_norm
        Whether a norm follows the last layer.
    head
        What stands on the last layer.
    tables
        Rows of learned tables beside the embedding, which are summed with it: positions, token types.
    embedding_norm
        Whether a norm follows the embedding.
    outside
        Further weights outside the layers (projections of a factorised embedding, norms of a second stack).
    causal
        A token sees only earlier tokens; false for encoders.
    name
        The name it was asked for by.
    format
        Number format of the stored weights.
    format_note
        A full sentence, or "", on what `format` rests on.
    stored
        Formats of the checkpoint where it is narrower than that.
    remarks
        Further full sentences on what was read and what was left out.
    """

    model_type: str
    hidden: int
    vocab: int
    max_positions: int
    layers: tuple[Layer, ...]
    norm: str = "rmsnorm"
    norm_rows: int = 1
    final_norm: bool = True
    head: Head = NO_HEAD
    tables: int = 0
    embedding_norm: bool = False
    outside: tuple[Weight, ...] = ()
    causal: bool = True
    name: str = ""
    format: Format = FORMATS["bf16"]
    format_note: str = ""
    stored: Stored = AS_IT_IS
    remarks: tuple[str, ...] = ()

    @property
    def weight_note(self) -> str:
        """A full sentence, or "", on weights that are stored narrower than `format`."""
        return self.stored.note

    @property
    def notes(self) -> tuple[str, ...]:
        """All notes there are."""
        return tuple(note for note in (self.format_note, self.weight_note, *self.remarks) if note)

    @property
    def norm_elements(self) -> int:
        """Weights of one norm over the residual stream: gains, and biases of a LayerNorm."""
        return self.norm_rows * self.hidden

    @property
    def kv_elements_per_token(self) -> int:
        """Elements that all layers cache per token."""
        return sum(layer.kv_elements for layer in self.layers) if self.causal else 0

    def kv_bytes_per_token(self, format: Format | None = None) -> int:
        """Bytes that all layers cache per token, in `format` or what the checkpoint has for its cache, as far as it
        is known [byte]."""
        own = FORMATS.get(self.stored.kv, self.format)
        return (format or own).bytes_of(self.kv_elements_per_token)

    def layer_groups(self) -> list[tuple[int, int]]:
        """Runs of equal layers in order, as (first index, count)."""
        groups: list[tuple[int, int]] = []
        for index, layer in enumerate(self.layers):
            if groups and self.layers[groups[-1][0]] == layer:
                first, count = groups[-1]
                groups[-1] = (first, count + 1)
            else:
                groups.append((index, 1))
        return groups

    def widest(self) -> int:
        """Index of the first layer whose attention reaches farthest."""
        reach = [_reach(layer) for layer in self.layers]
        return reach.index(max(reach))


def _reach(layer: Layer) -> int:
    """Tokens that a layer's attention can meet, as a number to compare; -1 without attention."""
    if layer.kv_elements == 0:
        return -1
    window = getattr(layer.mixer, "window", 0) or getattr(layer.mixer, "chunk", 0)
    return window or 1 << 62
