"""Which number format each class of operand has."""

from dataclasses import dataclass

from bankside.kernels.formats import Format


@dataclass(frozen=True, slots=True)
class Precision:
    """Formats of activations (softmax and norms among them), of weights, and of the KV cache."""

    activations: Format
    weights: Format
    kv: Format

    def parameters(self) -> dict[str, int | str]:
        """For reports."""
        return {
            "format": self.activations.name,
            "weight_format": self.weights.name,
            "kv_format": self.kv.name,
        }
