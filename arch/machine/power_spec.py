"""What a machine's YAML says of its energy, beside its memories, units and links: wires, instructions, the board."""

from pydantic import Field

from bankside.arch.spec import Bytes, EnergyPerBitLength, Length, Share, Spec


class TransportSpec(Spec):
    """The way of a byte from the edge of a die to the cores of a level, or back.

    distance: mean length of the wires; wire: energy of them, that of the process unless it is known better; buffers:
    SRAM macros that it is written to and read from on the way (slices of a cache).
    """

    distance: Length
    wire: EnergyPerBitLength | None = None
    buffers: tuple[Bytes, ...] = ()


class InstructionSpec(Spec):
    """How much one instruction of a programmable core does: multiply-accumulates of its units, elements of functions,
    bytes between its scratchpad and what is outside or computes. Cores of fixed function have none."""

    matmul: float = Field(default=1.0, gt=0)
    vector: float = Field(default=1.0, gt=0)
    nonlinear: float = Field(default=1.0, gt=0)
    bytes: float = Field(default=1.0, gt=0)


class BoardSpec(Spec):
    """What a reading of the board sees: `efficiency`, the share of its power that reaches the dies."""

    efficiency: Share
