"""A kernel: phases of operators, and what they add up to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankside.kernels.formats import Format
from bankside.kernels.operators.operator import Operator, distinct
from bankside.kernels.operators.tensor import Role

if TYPE_CHECKING:
    from bankside.kernels.operands.values import Values


@dataclass(frozen=True, slots=True)
class Phase:
    """`count` repetitions (equal layers) of `operators` in order, each repetition with its own weights and
    KV."""

    count: int
    operators: tuple[Operator, ...]
    label: str = ""

    def __repr__(self) -> str:
        return f"<Phase {self.label}: {self.count} x {len(self.operators)} operators>".replace(" :", ":")

    @property
    def flops(self) -> int:
        """Of all repetitions."""
        return self.count * sum(op.flops for op in self.operators)

    def resident_bytes(self, role: Role) -> int:
        """Tensors of a role that its operators read, each once, of all repetitions; what is part of another that they
        do not read rests elsewhere [byte]."""
        read = distinct(tensor for op in self.operators for tensor in op.inputs)
        return self.count * sum(tensor.bytes for tensor in read if tensor.role == role and not tensor.of)


@dataclass(frozen=True, slots=True)
class Kernel:
    """A piece of work to run on a machine.

    Parameters
    ----------
    name
        The catalog's name: "gemv", "decode-attention", "layer".
    parameters
        What it was built from, in the order that reports print.
    format
        Number format of the activations, and of everything else unless `parameters` say otherwise.
    phases
        The work, in order.
    notes
        Full sentences on what the numbers rest on; results carry them as warnings.
    idle_bytes
        Weights that must reside in memory although no operator reads them (experts not chosen, the input
        embedding, biases that are added in the accumulators) [byte].
    idle_kv_bytes
        Keys and values that must be kept although none of them is read (not picked, or of another layer) [byte].
    values
        Of weights, where somebody gave them; they matter where a unit's work depends on them.
    """

    name: str
    parameters: Mapping[str, int | str]
    format: Format
    phases: tuple[Phase, ...]
    notes: tuple[str, ...] = ()
    idle_bytes: int = 0
    idle_kv_bytes: int = 0
    values: "tuple[Values, ...]" = ()

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"<Kernel {self.name}: {options}>"

    def operators(self) -> Iterator[tuple[int, Operator]]:
        """Every operator in order, with how often it is run."""
        for phase in self.phases:
            for op in phase.operators:
                yield phase.count, op

    @property
    def flops(self) -> int:
        """Operations of all phases."""
        return sum(count * op.flops for count, op in self.operators())

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all phases."""
        return sum(count * op.macs for count, op in self.operators())

    @property
    def bytes_min(self) -> int:
        """Operator by operator, every operand read once and every result written once [byte]."""
        return sum(count * op.bytes_min for count, op in self.operators())

    @property
    def intensity(self) -> float:
        """Arithmetic intensity flops / bytes_min [FLOP/byte]."""
        return self.flops / self.bytes_min

    @property
    def weights_bytes(self) -> int:
        """Weights that are read [byte]."""
        return sum(phase.resident_bytes("weights") for phase in self.phases)

    @property
    def kv_bytes(self) -> int:
        """Keys and values that are read [byte]."""
        return sum(phase.resident_bytes("kv") for phase in self.phases)

    @property
    def activation_bytes(self) -> int:
        """The largest set of activations that one operator reads and writes [byte]."""
        return max(op.activation_bytes for _, op in self.operators())

    @property
    def resident_bytes(self) -> dict[str, int]:
        """What must be in memory, by what it is ("weights", "kv", "activations") [byte]."""
        return {
            "weights": self.weights_bytes + self.idle_bytes,
            "kv": self.kv_bytes + self.idle_kv_bytes,
            "activations": self.activation_bytes,
        }

    @property
    def capacity_bytes(self) -> int:
        """All that must be in memory [byte]."""
        return sum(self.resident_bytes.values())
