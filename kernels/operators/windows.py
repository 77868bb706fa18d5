"""Rows of a left operand that are windows of an image: a convolution as a matrix product."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of `size` x `size` pixels with all their channels, one for every pixel of the result, in raster order.

    The product has a row a window and a depth of size^2 channels (im2col), but its left operand is the image: memory
    and links carry every element once where the product takes it `uses` times. Lines that two tiles of rows share stay
    on chip from the one to the next.

    Parameters
    ----------
    height, width, channels
        Of the image.
    size, stride
        Pixels of a window each way, and between two of them.
    padding
        Zeros around the image on each side, which nothing moves.
    """

    height: int
    width: int
    channels: int
    size: int
    stride: int = 1
    padding: int = 0

    @property
    def rows(self) -> int:
        """Windows: pixels of the result."""
        high, wide = (
            (extent + 2 * self.padding - self.size) // self.stride + 1 for extent in (self.height, self.width)
        )
        return high * wide

    @property
    def depth(self) -> int:
        """Elements of a window."""
        return self.size**2 * self.channels

    @property
    def elements(self) -> int:
        """Elements of the image."""
        return self.height * self.width * self.channels

    @property
    def uses(self) -> Fraction:
        """Elements of all windows for each of the image."""
        return Fraction(self.rows * self.depth, self.elements)
