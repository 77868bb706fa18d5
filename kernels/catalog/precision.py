"""Which number format each class of operand has."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bankside.kernels.formats import Format

if TYPE_CHECKING:
    from bankside.kernels.models import Layer, Model


@dataclass(frozen=True, slots=True)
class Precision:
    """Formats of activations (softmax and norms among them), of weights, and of the KV cache.

    `notes` and `weight_notes` are full sentences on what they rest on, the second where weights are read.
    `stored` names the format of most weights where each has its checkpoint's, and `singles` are then those of the
    products of one layer, by label; `weights` is that of all others.
    """

    activations: Format
    weights: Format
    kv: Format
    notes: tuple[str, ...] = ()
    weight_notes: tuple[str, ...] = ()
    stored: str = ""
    singles: tuple[tuple[str, Format], ...] = ()

    def of_layer(self, model: "Model", layer: "Layer") -> "Precision":
        """With the formats of one layer's weights.

        Raises
        ------
        ConfigError
            The checkpoint has a format that is not known.
        """
        if not self.stored:
            return self
        from bankside.kernels.models.storage import format_of

        return replace(self, singles=tuple((label, format_of(model, name)) for label, name in layer.formats))

    def of_head(self, model: "Model") -> "Precision":
        """With the format of the head."""
        if not self.stored:
            return self
        from bankside.kernels.models.storage import format_of

        return replace(self, singles=(("head", format_of(model, model.head.format)),))

    def weights_of(self, label: str) -> Format:
        """The format of the weights of the product `label`; halves of a matrix have the whole one's."""
        singles = dict(self.singles)
        return singles.get(label) or singles.get(label.removesuffix("_k").removesuffix("_v")) or self.weights

    def parameters(self) -> dict[str, int | str]:
        """For reports."""
        return {
            "format": self.activations.name,
            "weights_format": self.stored or self.weights.name,
            "kv_format": self.kv.name,
        }
