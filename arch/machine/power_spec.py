"""What a machine's YAML says of its energy, beside its memories, units and links: wires, instructions, the board."""

from pydantic import Field, model_validator

from bankside.arch.spec import Bytes, EnergyPerBitLength, Length, Share, Spec


class TransportSpec(Spec):
    """The way of a byte from the edge of a die to the cores of a level, or back.

    distance: mean length of the wires; wire: energy of them, that of the process unless it is known better; buffers:
    SRAM macros that it is written to and read from on the way (slices of a cache). What several cores want goes from
    there over the last part of the way alone: `shared`, half of it unless it is told, whose end `within` a cluster each
    core has for itself, where the rest serves all cores of a cluster at once.
    """

    distance: Length
    wire: EnergyPerBitLength | None = None
    buffers: tuple[Bytes, ...] = ()
    shared: Length | None = None
    within: Length = 0.0

    @property
    def from_buffer(self) -> float:
        """Wires from where cores share a byte to one of them [m]."""
        return self.distance / 2 if self.shared is None else self.shared

    @model_validator(mode="after")
    def _parts_of_the_way(self) -> "TransportSpec":
        if not self.within <= self.from_buffer <= self.distance:
            way, shared, own = (1e3 * length for length in (self.distance, self.from_buffer, self.within))
            raise ValueError(
                f"The way is {way:g} mm, {shared:g} mm of it from where cores share a byte and {own:g} mm within a "
                "cluster; each must lie in the one before."
            )
        return self


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
