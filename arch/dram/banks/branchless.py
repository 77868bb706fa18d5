"""Arithmetic of inner loops, in the form that compiles to the fewest instructions."""

from bankside.arch.jit import flat_kernel


@flat_kernel
def later(a: int, b: int) -> int:
    """The larger of two times, without a branch to mispredict."""
    return a - ((a - b) & ((a - b) >> 63))


@flat_kernel
def natural(index: int) -> int:
    """An index known not to be negative: telling the compiler spares the counting from the end that it allows for."""
    return index & 0x7FFFFFFF
