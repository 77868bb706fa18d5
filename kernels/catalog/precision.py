"""Which number format each class of operand has."""

from dataclasses import dataclass

from bankside.kernels.formats import Format
from bankside.kernels.models import Model


@dataclass(frozen=True, slots=True)
class Precision:
    """Formats of activations (softmax and norms among them), of weights, and of the KV cache.

    `notes` and `weight_notes` are full sentences on what they rest on, the second where weights are read.
    """

    activations: Format
    weights: Format
    kv: Format
    notes: tuple[str, ...] = ()
    weight_notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, model: Model) -> "Precision":
        """The model's own."""
        notes = (model.format_note,) if model.format_note else ()
        weight_notes = (model.weight_note,) if model.weight_note else ()
        return cls(model.format, model.format, model.format, notes, weight_notes)

    def parameters(self) -> dict[str, int | str]:
        """For reports."""
        return {
            "format": self.activations.name,
            "weight_format": self.weights.name,
            "kv_format": self.kv.name,
        }
