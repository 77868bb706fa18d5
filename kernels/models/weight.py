"""Weight tensors by name: all that a count of parameters, or a choice of formats, has to know."""

from typing import NamedTuple


class Weight(NamedTuple):
    """One weight tensor, or as many alike as there are experts.

    Parameters
    ----------
    name
        The operator it belongs to ("attn.q_proj"), or what it is ("attn.sinks").
    outputs, inputs
        Its shape; a vector (gain of a norm, table of a convolution's channel) has one input.
    bias
        Elements of the bias vector beside each copy.
    copies, visited
        How many there are, and how many of them one token meets.
    """

    name: str
    outputs: int
    inputs: int = 1
    bias: int = 0
    copies: int = 1
    visited: int = 1

    @property
    def elements(self) -> int:
        """Elements of all copies, biases included."""
        return self.copies * (self.outputs * self.inputs + self.bias)

    @property
    def met(self) -> int:
        """Elements that one token meets."""
        return self.visited * (self.outputs * self.inputs + self.bias)

    @property
    def biases(self) -> int:
        """Elements of the bias vectors of all copies."""
        return self.copies * self.bias


def matrix(name: str, outputs: int, inputs: int, bias: bool = False, copies: int = 1) -> Weight:
    """A projection, whose bias has an element per output; every copy is met by every token."""
    return Weight(name, outputs, inputs, outputs if bias else 0, copies, copies)
