"""One pass through a model: how many sequences, how many new tokens each, how long a context."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bankside.kernels.catalog.kept import Reading
from bankside.kernels.models import Model

ALL: Final = Reading()
"""Of the cache, in the format that it has."""


@dataclass(frozen=True, slots=True)
class Step:
    """One pass.

    Parameters
    ----------
    sequences
        Sequences of the batch.
    queries
        New tokens of each: 1 when decoding, more where guesses are verified, all of `context` in prefill.
    context
        Tokens of each sequence at the end of the pass, the new ones included.
    decoding
        Whether each sequence gains tokens to what is cached already.
    reading
        What a decoded token reads of the cache.
    candidates, prompt
        Sequences that share their first `prompt` tokens, one of which is kept in the end (reasoning in parallel).
    ragged
        Steps of sequences of one context each, where contexts differ; `context` is then the longest, and `sequences`
        are all of them.
    """

    sequences: int
    queries: int
    context: int
    decoding: bool
    reading: Reading = ALL
    candidates: int = 1
    prompt: int = 0
    ragged: "tuple[Step, ...]" = ()

    @property
    def tokens(self) -> int:
        """New tokens of the batch."""
        return self.sequences * self.queries

    @property
    def batch(self) -> int:
        """Sequences, or prompts whose candidates are sequences."""
        return self.sequences // self.candidates

    @property
    def plain(self) -> bool:
        """Whether every sequence gains one token, has a context of its own, and reads all of it; or is prefilled."""
        return not self.decoding or (self.queries == 1 and self.candidates == 1 and self.reading == ALL)

    @property
    def tokens_told(self) -> dict[str, int | str]:
        """How long sequences are, and how many there are."""
        if not self.ragged:
            return {"context": self.context, "batch": self.batch}
        return {"contexts": ",".join(f"{part.context}x{part.batch}" for part in self.ragged)}

    @property
    def parameters(self) -> dict[str, int | str]:
        """What is said of it beside context and batch, where it is not plain."""
        told: dict[str, int | str] = {}
        if self.plain:
            return told
        if self.queries > 1:
            told["tokens"] = self.queries
        if self.candidates > 1:
            told |= {"candidates": self.candidates, "prompt": self.prompt}
        return told | self.reading.parameters

    def notes(self, model: Model) -> tuple[str, ...]:
        """A sentence where the context exceeds what the model was made for."""
        if self.context <= model.max_positions:
            return ()
        return (
            f"A context of {self.context} tokens exceeds the {model.max_positions} that {model.name} "
            "was made for.",
        )


def decode(
    batch: int, context: int, tokens: int = 1, reading: Reading = ALL, candidates: int = 1, prompt: int = 0
) -> Step:
    """Every sequence gains `tokens` tokens, of which the last sees `context` tokens, itself included; candidates of one
    prompt are sequences."""
    return Step(batch * candidates, tokens, context, True, reading, candidates, prompt)


def together(steps: Sequence[Step]) -> Step:
    """One step of sequences of several contexts, which are alike in all else."""
    if len(steps) == 1:
        return steps[0]
    longest = max(step.context for step in steps)
    sequences = sum(step.sequences for step in steps)
    return replace(steps[0], sequences=sequences, context=longest, ragged=tuple(steps))


def prefill(batch: int, context: int) -> Step:
    """All `context` tokens of every sequence at once."""
    return Step(batch, context, context, decoding=False)
