"""How units inside a DRAM die that keep one sum each are driven: buffer writes, biases, and reads of results."""

from typing import Literal

from pydantic import Field

from bankside.arch.spec import Spec


class SumsSpec(Spec):
    """One sum of each unit, begun from a bias that is written and read out as a result, before the next.

    `order`: a piece of the operand is held in the buffer while all outputs take their part of it, partial sums going
    out and coming back (`held`); or it is written again for every output, whose sum stays (`rewritten`). `kv_depth`:
    the most that one sum of keys or values spans, where a mapping cuts them shorter than the buffer is.
    """

    order: Literal["held", "rewritten"] = "held"
    kv_depth: int | None = Field(default=None, ge=1, le=1_000_000)
