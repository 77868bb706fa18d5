"""The base of every specification that is read from a file."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """A frozen record; unknown keys and implicit conversions are refused, numbers are finite.

    Quantities hold SI numbers; in files they are written with a unit (see `quantity`).
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        populate_by_name=False,
        defer_build=True,
    )

    other_kind: ClassVar[Mapping[str, str]] = {}
    """Keys of blocks that are easily mistaken for this one, each with the one sentence that then is said."""
