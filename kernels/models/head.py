"""What stands on a model's last layer, as `architectures` in a config.json says."""

from dataclasses import dataclass
from typing import Final

from bankside.kernels.models.weight import Weight


@dataclass(frozen=True, slots=True)
class Head:
    """The head.

    Parameters
    ----------
    kind
        "causal" (a score for every word), "classifier", "encoder" (none, on an encoder) or "embedder" (none, on
        a decoder).
    outputs
        Scores of one row; 0 where there is no head.
    tied
        Whether a causal head is the embedding's table.
    bias
        Whether the projection to scores has a bias vector.
    inner
        Weights between the last layer and the scores (a classifier's dense layer, a table of mixed streams).
    apart
        Weights of the checkpoint that are told but not counted: a masked-language-model head, a pooler.
    format
        Name of the format that an untied head is stored in; "" for the model's.
    """

    kind: str = "causal"
    outputs: int = 0
    tied: bool = False
    bias: bool = False
    inner: tuple[Weight, ...] = ()
    apart: tuple[Weight, ...] = ()
    format: str = ""


NO_HEAD: Final = Head("embedder")
