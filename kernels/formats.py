"""Number formats: how many bits an element takes in memory, block scales included."""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Format:
    """A number format as memory sees it.

    Parameters
    ----------
    name
        What users write: "bf16", "mxfp4".
    kind
        Whether an element's multiplier is a floating-point or an integer one.
    element_bits
        Bits of one element without its share of a scale [bit].
    block
        Elements that share one scale; 1 when there is none.
    scale_bits
        Bits of scale (and zero point) per block [bit].
    """

    name: str
    kind: Literal["float", "int"]
    element_bits: int
    block: int = 1
    scale_bits: int = 0

    @property
    def bits(self) -> float:
        """Bits per element, the block scale's share included [bit]."""
        return self.element_bits + self.scale_bits / self.block

    def bytes_of(self, elements: int) -> int:
        """Bytes of `elements` packed without padding, rounded up once [byte]."""
        return -(-elements * (self.element_bits * self.block + self.scale_bits) // (8 * self.block))

    def __str__(self) -> str:
        return self.name


# Block formats: bits per element of the OCP Microscaling Formats specification 1.0 (blocks of 32, E8M0
# scale); nvfp4: 16 elements per E4M3 scale, the per-tensor scale is not counted; intN-gB: symmetric, one fp16
# scale a block.
FORMATS: Final[dict[str, Format]] = {
    f.name: f
    for f in (
        Format("fp32", "float", 32),
        Format("tf32", "float", 32),
        Format("fp16", "float", 16),
        Format("bf16", "float", 16),
        Format("fp8_e4m3", "float", 8),
        Format("fp8_e5m2", "float", 8),
        Format("int32", "int", 32),
        Format("int16", "int", 16),
        Format("int8", "int", 8),
        Format("int4", "int", 4),
        Format("int2", "int", 2),
        Format("int8_g128", "int", 8, 128, 16),
        Format("int4_g128", "int", 4, 128, 16),
        Format("int4_g64", "int", 4, 64, 16),
        Format("int4_g32", "int", 4, 32, 16),
        Format("mxfp8_e4m3", "float", 8, 32, 8),
        Format("mxfp6_e3m2", "float", 6, 32, 8),
        Format("mxfp4", "float", 4, 32, 8),
        Format("nvfp4", "float", 4, 16, 8),
    )
}

TORCH_DTYPES: Final[dict[str, str]] = {
    "float32": "fp32",
    "float": "fp32",
    "float16": "fp16",
    "half": "fp16",
    "bfloat16": "bf16",
    "float8_e4m3fn": "fp8_e4m3",
    "float8_e5m2": "fp8_e5m2",
    "int8": "int8",
}
