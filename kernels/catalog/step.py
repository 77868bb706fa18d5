"""One pass through a model: how many sequences, how many new tokens each, how long a context."""

from dataclasses import dataclass

from bankside.kernels.models import Model


@dataclass(frozen=True, slots=True)
class Step:
    """One pass.

    Parameters
    ----------
    sequences
        Sequences of the batch.
    queries
        New tokens of each: 1 when decoding, all of `context` in prefill.
    context
        Tokens of each sequence at the end of the pass, the new ones included.
    decoding
        Whether each sequence gains one token to what is cached already.
    """

    sequences: int
    queries: int
    context: int
    decoding: bool

    @property
    def tokens(self) -> int:
        """New tokens of the batch."""
        return self.sequences * self.queries

    def notes(self, model: Model) -> tuple[str, ...]:
        """A sentence where the context exceeds what the model was made for."""
        if self.context <= model.max_positions:
            return ()
        return (
            f"A context of {self.context} tokens exceeds the {model.max_positions} that {model.name} "
            "was made for.",
        )


def decode(batch: int, context: int) -> Step:
    """Every sequence gains one token, which sees `context` tokens, itself included."""
    return Step(batch, 1, context, decoding=True)


def prefill(batch: int, context: int) -> Step:
    """All `context` tokens of every sequence at once."""
    return Step(batch, context, context, decoding=False)
