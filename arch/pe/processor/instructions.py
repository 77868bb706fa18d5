"""What loops over elements of a format cost on a processor, in instructions."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from pydantic import Field

from bankside.arch.spec import Spec

MAX_TASKLETS: Final = 24
BYTE: Final = 8


class Block(NamedTuple):
    """Instructions of an element in a loop over a block of known length: those that do the work, and those that count,
    which are left out where the block is unrolled and offsets are parts of loads and stores."""

    straight: int
    counting: int


class Pair(NamedTuple):
    """What is multiplied: the format of the routines, bits of an element of either array [bit], and instructions more
    that turn a pair into that format and scale its product."""

    format: str = ""
    widths: tuple[float, float] = (BYTE, BYTE)
    turned: float = 0.0


BYTES: Final = Pair()
"""Elements that come as they are multiplied."""


class InstructionsSpec(Spec):
    """Instructions of the parts of a loop over elements of one format.

    `multiply` is what a product takes in any case, and `step` what it takes for every bit of its smaller factor, where
    it is a routine that ends with the last bit that is set. `address`: for each operand that is gone through. A loop
    over a block of known length counts down and branches in one instruction (`block`), others compare an index
    (`loop`); 0 where it is unrolled. Parts of loops over a block that are unrolled where the program has room for them
    come as `Block`.
    """

    load: int = Field(default=1, ge=0, le=1000, description="an element from the scratchpad")
    store: int = Field(default=1, ge=0, le=1000, description="an element to the scratchpad")
    address: int = Field(default=1, ge=0, le=1000, description="the next address of an operand")
    add: int | None = Field(default=None, ge=1, le=100_000, description="a sum")
    multiply: int | None = Field(default=None, ge=1, le=100_000, description="a product")
    step: int = Field(default=0, ge=0, le=1000, description="more for each bit of the smaller factor")
    carried: int = Field(
        default=0, ge=0, le=1000, description="cycles more of a sum that is carried from element to element"
    )
    test: int = Field(default=2, ge=0, le=1000, description="to decide of an element, and branch")
    equal: int = Field(
        default=1,
        ge=1,
        le=1000,
        description="to see that two elements are equal; that they differ is seen by the first of these",
    )
    unpack: int = Field(
        default=2,
        ge=0,
        le=1000,
        description="more to load an element that is less than a byte: shift, extend the sign",
    )
    loop: int = Field(default=2, ge=0, le=1000, description="counting and branching, each element")
    block: int = Field(default=1, ge=0, le=1000, description="the same where the length is known")

    def packed(self, bits: float) -> "InstructionsSpec":
        """The same for elements of so many bits: processors load no less than a byte."""
        return self if bits >= BYTE else self.model_copy(update={"load": self.load + self.unpack})

    def lacking(self) -> Iterator[str]:
        """Operations of which nothing is said."""
        yield from (name for name in ("add", "multiply") if getattr(self, name) is None)

    def product(self, bits: int) -> int:
        """Of a product whose smaller factor has so many bits."""
        assert self.multiply is not None
        return self.multiply + self.step * bits

    def macs(self, bits: int, pair: Pair = BYTES) -> float:
        """Of a multiply-accumulate of two arrays whose sum stays in a register."""
        assert self.add is not None
        unpacked = self.unpack * sum(width < BYTE for width in pair.widths)
        once = 2 * (self.load + self.address) + self.product(bits) + self.add + self.block
        return once + unpacked + pair.turned

    def function(self, name: str, operands: int, bits: int) -> int:
        """Of an element of a result that is written to a further array."""
        assert self.add is not None
        each = self.product(bits) if name == "mul" else self.add
        return (
            operands * (self.load + self.address)
            + (operands - 1) * each
            + self.store
            + self.address
            + self.loop
        )

    @property
    def summed(self) -> int:
        """Of an element that is added to a register."""
        assert self.add is not None
        return self.load + self.address + self.add + self.loop

    @property
    def scanned(self) -> "Block":
        """Of an element that is added to a register, which is written to another array."""
        assert self.add is not None
        return Block(self.load + self.add + self.store, 2 * self.address + self.block)

    @property
    def raised(self) -> "Block":
        """Of an element to which a number is added where it lies."""
        assert self.add is not None
        return Block(self.load + self.add + self.store, self.address + self.block)

    @property
    def tested(self) -> "Block":
        """Of an element of which a condition is looked at."""
        return Block(self.load + self.test, self.address + self.block)

    @property
    def compared(self) -> "Block":
        """Of an element that is equal to the one before."""
        return Block(self.load + self.equal, self.address + self.block)

    @property
    def kept(self) -> int:
        """More of one that is written to the next place of another array."""
        return self.store + 2 * self.address

    @property
    def binned(self) -> int:
        """Of an element whose bin is found."""
        return self.load + self.address + self.test + self.loop

    @property
    def locked(self) -> int:
        """Of adding one to a counter that is locked meanwhile: acquire, its address, load, add, store, release."""
        return 2 + 1 + self.load + 1 + self.store
