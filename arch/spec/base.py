"""The base of every specification that is read from a file."""

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
    )
