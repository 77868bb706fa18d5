"""Formats that a YAML file states, shipped ones by name and the user's by path."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from bankside.arch.spec import ConfigError, Spec, load
from bankside.arch.spec.errors import clip, suggestion
from bankside.arch.spec.library import is_path, names
from bankside.kernels.formats.element import Element, Levels, Minifloat, Whole
from bankside.kernels.formats.format import ROW, Format
from bankside.kernels.formats.known import FORMATS

KIND: Final = "formats"
SCALE_BITS: Final = {"none": 0, "fp16": 16, "fp32": 32, "exponent": 8, "e4m3": 8}


class FormatSpec(Spec):
    """A format: `exponent` and `mantissa`, or `bits` of whole numbers, or `levels`, and how they are scaled."""

    description: str
    exponent: int | None = Field(default=None, ge=1, le=8, description="bits of the exponent")
    mantissa: int | None = Field(default=None, ge=1, le=23, description="bits of the mantissa")
    specials: Literal["ieee", "nan", "none"] = Field(
        default="none",
        description="what the largest exponent holds beside numbers: infinity and NaN, one NaN, none",
    )
    bits: int | None = Field(default=None, ge=2, le=32, description="bits of a whole number")
    symmetric: bool = Field(default=True, description="of either sign; else from zero up, with a zero point")
    levels: tuple[float, ...] | None = Field(
        default=None, min_length=2, max_length=4096, description="values in the order of their codes"
    )
    scale: Literal["none", "fp16", "fp32", "exponent", "e4m3"] = Field(
        default="none", description="how a scale is stored; exponent is a power of two of 8 bits"
    )
    block: Annotated[int, Field(ge=1, le=1 << 24)] | Literal["row", "tensor"] = Field(
        default="tensor", description="elements to a scale"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> "FormatSpec":
        floating = self.exponent is not None and self.mantissa is not None
        if (self.exponent is None) != (self.mantissa is None):
            raise ValueError("A floating-point format states both its exponent and its mantissa.")
        if floating + (self.bits is not None) + (self.levels is not None) != 1:
            raise ValueError("A format states one of: exponent and mantissa; bits of whole numbers; levels.")
        if not self.symmetric and (self.bits is None or self.scale not in ("fp16", "fp32")):
            raise ValueError("Only whole numbers have a zero point, and scales of fp16 or fp32 with it.")
        if self.levels is not None and self.scale == "exponent":
            raise ValueError("Levels are scaled by a number, not by a power of two.")
        if self.levels is not None and not any(self.levels):
            raise ValueError("A level other than zero is needed.")
        if self.scale == "none" and self.block != "tensor":
            raise ValueError("Blocks need a scale.")
        if self.scale == "exponent" and self.block == "tensor":
            raise ValueError("A shared exponent needs a block, or a row, that shares it.")
        return self

    def element(self) -> Element:
        """What an element is."""
        if self.levels is not None:
            return Levels((self.levels,))
        if self.bits is not None:
            return Whole(self.bits, self.symmetric)
        assert self.exponent is not None and self.mantissa is not None
        return Minifloat(self.exponent, self.mantissa, self.specials)

    def format(self, name: str) -> Format:
        """The format under a name."""
        element = self.element()
        kept = 0 if self.block == "tensor" else SCALE_BITS[self.scale]
        if kept and not self.symmetric:
            kept += element.bits
        block = (
            {"row": ROW, "tensor": 1}.get(self.block, self.block)
            if isinstance(self.block, str)
            else self.block
        )
        if self.scale == "e4m3" and block == 1:
            block, kept = ROW, 8
        kind: Literal["float", "int"] = "int" if isinstance(element, Whole) else "float"
        return Format(name, kind, element.bits, int(block), kept, element, self.scale)


def find(reference: str) -> Format:
    """The format of a name, or of the YAML file at a path.

    Raises
    ------
    ConfigError
        There is no such format, or the file is not sound.
    """
    if reference in FORMATS:
        return FORMATS[reference]
    if is_path(reference) or reference in names(KIND):
        return load(reference, KIND, FormatSpec).spec.format(Path(reference).stem)
    known = (*FORMATS, *names(KIND))
    near = suggestion(reference, known, label="formats")
    raise ConfigError(
        f"There is no format '{clip(reference)}'{near} Groups are named like int4_g64 or int4_asym_g32, a scale a "
        "row like int8_channel, weights with zeros like int8_2:4 or int8_bitmap_d25; a format of one's own is a "
        "YAML file."
    )
