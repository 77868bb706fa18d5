"""Where the bursts of a gather lie: runs of them at places that are drawn as if by chance, evenly and always alike."""

from bankside.arch.jit import flat_kernel

WORD = (1 << 32) - 1


@flat_kernel
def gathered(first: int, draw: int, run: int, places: int, k: int) -> int:
    """Burst number `k` of a gather, in the channel's address space.

    Parameters
    ----------
    first
        Burst at which the places begin.
    draw
        Number of the first draw.
    run
        Bursts of a place.
    places
        Places that are drawn from, with repetition.
    """
    return first + drawn(draw + k // run) % places * run + k % run


@flat_kernel
def drawn(i: int) -> int:
    """A number below 2^32 from a counter: the last steps of MurmurHash3 (Appleby), where bits mix."""
    x = (i * 0x9E3779B1 + 1) & WORD
    x ^= x >> 16
    x = (x * 0x85EBCA6B) & WORD
    x ^= x >> 13
    x = (x * 0xC2B2AE35) & WORD
    return int(x ^ (x >> 16))
