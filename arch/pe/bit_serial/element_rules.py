"""Schemes as elements of an array: operands that they take, multipliers, and parameters that they read."""

from typing import Final, Literal

Name = Literal[
    "bit-parallel", "stripes", "essential", "pragmatic", "laconic", "shapeshifter", "loom", "bitfusion", "bitwave",
    "bitvert", "bitmod", "anda", "nm-serial", "sparten", "eie",
]  # fmt: skip

FLOATING: Final = ("bit-parallel", "bitmod", "anda", "nm-serial", "sparten", "eie")
"""Whose elements multiply floating-point operands; those of the others add whole numbers of 8 bits at most."""

SINGLE: Final = ("bitfusion", "nm-serial", "sparten", "eie")
"""Whose elements have one multiplier, of which Bit Fusion's is one of 8 bits in 16 bricks."""

BRICKS: Final = "int8"

ENCODED: Final = {"sparten": "bitmap", "eie": "rle"}
"""Encodings of sparse weights that elements read: masks, and runs of zeros of four bits."""

ACTIVATION_BITS: Final = 8

ANDA_WEIGHT_BITS: Final = 4
"""Of the weights that Anda's elements multiply whole."""

KEPT: Final = ("fp32", "fp16", "bf16", "fp8_e4m3", "fp8_e5m2", "int8", "int6", "int4")
"""Formats of whose elements N:M keeps some."""

OWNERS: Final = {
    "planes": ("anda",),
    "queue": ("eie",),
    "activations": ("laconic", "sparten", "eie"),
    "shift_bits": ("pragmatic",),
    "keep": ("nm-serial",),
    "mask": ("nm-serial",),
    "port": ("nm-serial",),
    "pruned": ("bitvert", "bitwave"),
}
"""Schemes that read a parameter."""
