"""What every operator says of itself, and what follows from the tensors that it names."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NamedTuple, Self

from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import Taken
from bankside.kernels.operators.tensor import Role, Tensor


class Line(NamedTuple):
    """A line of reports: its label, operations, and bytes that are read and written at least."""

    label: str
    flops: int
    byte: int


class Operator(ABC):
    """A piece of work on named tensors; it knows no machine and holds no plan.

    A kind of operator is a frozen dataclass with a `label`, its name in reports (operators of one kernel that share
    a label are reported together), and what is abstract here.
    """

    __slots__ = ()

    label: str

    @property
    @abstractmethod
    def inputs(self) -> tuple[Tensor, ...]:
        """Tensors that it reads."""

    @property
    @abstractmethod
    def outputs(self) -> tuple[Tensor, ...]:
        """Tensors that it writes."""

    @property
    @abstractmethod
    def macs(self) -> int:
        """Multiply-accumulates."""

    @property
    @abstractmethod
    def flops(self) -> int:
        """Operations; two per multiply-accumulate."""

    @abstractmethod
    def computed_in(self, taken: Taken) -> Self:
        """The same work with operands and results in the formats that a core takes them in."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its lines in reports, which add up to it: one, or one of what it moves and one of each part."""
        return (Line(self.label, self.flops, self.bytes_min),)

    @property
    def carried(self) -> tuple[Tensor, ...]:
        """Inputs that come to the nodes that use them; the others are read where they rest."""
        return tuple(tensor for tensor in self.inputs if tensor.role == "activation")

    @property
    def weight_matrix(self) -> Tensor | None:
        """Model weights (..., inputs, outputs) that meet what is carried: a unit may store them its way."""
        return None

    def storing(self, _: Format) -> Self:
        """The same work with its weight matrix in a format."""
        return self

    @property
    def launched(self) -> bool:
        """Whether a core starts it; what others start has that in its own time."""
        return True

    @property
    def longest_row(self) -> int:
        """Elements of the longest row that a softmax of it normalises [elements]."""
        return 0

    @property
    def cached(self) -> bool:
        """Whether its results are kept for later steps: keys and values of the cache."""
        return any(tensor.role == "kv" for tensor in self.outputs)

    @property
    def carried_bytes(self) -> int:
        """Bytes of what comes to the nodes [byte]."""
        return sum(tensor.bytes for tensor in distinct(self.carried))

    @property
    def out_bytes(self) -> int:
        """Bytes of the results [byte]."""
        return sum(tensor.bytes for tensor in self.outputs)

    @property
    def weights_bytes(self) -> int:
        """Model weights among the inputs [byte]."""
        return self._read_bytes("weights")

    @property
    def kv_bytes(self) -> int:
        """Keys and values among the inputs [byte]."""
        return self._read_bytes("kv")

    @property
    def activation_bytes(self) -> int:
        """Every other input, and the results [byte]."""
        return self._read_bytes("activation") + self.out_bytes

    @property
    def bytes_min(self) -> int:
        """Every input read once, every result written once [byte]."""
        return self.weights_bytes + self.kv_bytes + self.activation_bytes

    def _read_bytes(self, role: Role) -> int:
        return sum(tensor.bytes for tensor in distinct(self.inputs) if tensor.role == role)


def distinct(tensors: Iterable[Tensor]) -> tuple[Tensor, ...]:
    """Each tensor once, without those that are parts of others among them."""
    named = {tensor.name: tensor for tensor in tensors}
    return tuple(tensor for tensor in named.values() if tensor.of not in named)
