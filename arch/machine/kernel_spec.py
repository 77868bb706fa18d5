"""What software adds to the work of a programmable core's kernels: a time that each takes, and how products are cut."""

from typing import Annotated

from pydantic import Field, model_validator

from bankside.arch.spec import Bandwidth, Bytes, FieldError, Spec, Time

Size = Annotated[int, Field(ge=1, le=1 << 24)]


class FloorSpec(Spec):
    """What a kernel takes beside its launch and its work, by what it computes: prologue, epilogue, descriptors, grids
    that begin and end. `product`: of a matrix product; `attention`; `rowwise`: of everything by rows."""

    product: Time = Field(default=0.0)
    attention: Time = Field(default=0.0)
    rowwise: Time = Field(default=0.0)


class RowsSpec(Spec):
    """Rows that a core has at work at once, a thread block each: of functions that pass over a row more than once."""

    softmax: int = Field(default=1, ge=1, le=4096)
    norm: int = Field(default=1, ge=1, le=4096)


class ThreadBlocksSpec(Spec):
    """Thread blocks that a product is cut into, one tile of outputs each, dealt to the cores in waves.

    rows, columns: sizes of a tile; outputs: most of one, whose sums fill the registers; slices: most parts of the
    depth, whose sums others add up, which takes `sum` and the passing of all sums through the cache; stages:
    buffers of the operands of a block; reach: share of the way to memory that the panels of many blocks side by side
    leave in use; issue: share of the cycles of a wave in which a matrix unit multiplies.
    """

    rows: tuple[Size, ...] = Field(min_length=1)
    columns: tuple[Size, ...] = Field(min_length=1)
    outputs: int = Field(ge=1, le=1 << 24)
    slices: int = Field(default=1, ge=1, le=1024)
    sum: Time = Field(default=0.0)
    stages: int = Field(default=2, ge=2, le=16)
    reach: float = Field(default=1.0, gt=0, le=1)
    issue: float = Field(default=1.0, gt=0, le=1)

    @model_validator(mode="after")
    def _one_tile_at_least(self) -> "ThreadBlocksSpec":
        rows, columns = min(self.rows), min(self.columns)
        if rows * columns > self.outputs:
            raise FieldError(
                f"a tile has {self.outputs} outputs at most, and the smallest has {rows} x {columns}.",
                "outputs",
            )
        return self


class CacheSpec(Spec):
    """A cache that all cores of a level share, between them and the memory.

    bandwidth: what all cores together read; port: what one of them takes in a cycle of its clock; multicast: cores that
    one read of a shared operand serves.
    """

    size: Bytes
    bandwidth: Bandwidth
    port: Bytes
    multicast: int = Field(default=1, ge=1, le=64)

    def rate(self, cores: int, clock_hz: float) -> float:
        """What each of so many cores that read at once gets in a cycle of its clock [byte]."""
        return min(self.port, self.bandwidth / (cores * clock_hz))
