"""Many ways to cut a product into thread blocks, side by side."""

from dataclasses import dataclass

from bankside.kernels.plan.tiling import Dealing, Float64s, Int64s, Mapping


@dataclass(frozen=True)
class Grids:
    """Tiles (mt, nt, kt) of so many slices of the depth, and the thread blocks that they make over rows and columns.

    All are dealt on one unit to the same cores, with the same buffers; arrays have an entry a way, and mean what they
    mean in `Mapping` and `Dealing`.
    """

    unit: str
    batch: int
    cores: int
    stages: int
    m_blocks: Int64s
    n_blocks: Int64s
    mt: Int64s
    nt: Int64s
    kt: Int64s
    slices: Int64s
    a_reads: Float64s
    b_reads: Float64s
    posted: Int64s

    @property
    def blocks(self) -> Int64s:
        """Thread blocks of each."""
        return self.batch * self.m_blocks * self.n_blocks * self.slices

    @property
    def waves(self) -> Int64s:
        """Waves in which they are dealt."""
        return -(-self.blocks // self.cores)

    def mapping(self, at: int) -> Mapping:
        """One of them."""
        grid = self.batch, int(self.m_blocks[at]), int(self.n_blocks[at])
        tile = int(self.mt[at]), int(self.nt[at]), int(self.kt[at])
        often = float(self.a_reads[at]), float(self.b_reads[at])
        dealing = Dealing(self.cores, int(self.slices[at]), self.stages, *often, int(self.posted[at]))
        return Mapping(*grid, *tile, "nk", self.unit, dealing)
