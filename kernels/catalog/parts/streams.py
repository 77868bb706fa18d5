"""What stands beside the two parts of a layer: several residual streams, and rows of a table that every layer adds."""

from typing import NamedTuple

from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.parts.norms import made_by, norm
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.models import Layer, Model
from bankside.kernels.operators import MatMul, Operator, RowWise, Tensor


class Streams(NamedTuple):
    """Residual streams that are mixed into one before a part and over again behind it (hyper-connections, Zhu et al.
    2024; DeepSeek-V4). `outputs` numbers of a token say how; making the mixing matrix doubly stochastic is not
    counted."""

    number: int
    outputs: int

    @classmethod
    def of(cls, layer: Layer, hidden: int) -> "Streams":
        """Those of a layer; one if it has nothing of the kind."""
        mixes = [weight for weight in layer.extra if weight.name == "attn.mix"]
        return cls(mixes[0].inputs // hidden, mixes[0].outputs) if mixes else cls(1, 0)

    def into(self, name: str, x: Tensor, precision: Precision) -> list[Operator]:
        """All streams into the rows of a part."""
        mix = projection(f"{name}.mix", x, self.outputs, precision)
        one = Tensor(f"{name}.mixed.out", (x.shape[0], x.columns // self.number), x.format)
        return [mix, RowWise.over(f"{name}.mixed", "weighted_sum", (x,), one)]

    def add(self, name: str, x: Tensor, made: Tensor) -> MatMul:
        """Every stream anew, from all of them and what the part made."""
        tokens, hidden = made.shape
        how = x.part(f"{name}.streams.mix", (tokens, self.number, self.number + 1))
        both = x.part(f"{name}.streams.in", (tokens, self.number + 1, hidden))
        out = Tensor(f"{name}.streams.out", (tokens, self.number * hidden), x.format)
        return MatMul(f"{name}.streams", tokens, self.number, hidden, self.number + 1, how, both, out)


def added_rows(model: Model, layer: Layer, x: Tensor, precision: Precision) -> list[Operator]:
    """The gated row of a table of a layer's own, projected to the stream, normalised and added (Gemma-4)."""
    width = next((weight.outputs for weight in layer.extra if weight.name == "input.gate_proj"), 0)
    if not width:
        return []
    asked = projection("input.gate_proj", x, width, precision)
    row = asked.out.part("input.row", asked.out.shape)
    gated = made_by("input.gate", "geglu", asked.out, row)
    up = projection("input.up_proj", gated.out, model.hidden, precision)
    normed = norm("input.norm", up.out, up.out.shape)
    return [asked, gated, up, normed, made_by("input.residual", "add", x, normed.out)]
