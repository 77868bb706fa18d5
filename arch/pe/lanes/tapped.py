"""Lanes that are given by number, or by what their tap gives them."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from bankside.arch.pe.unit import Unit

UNSTATED: Final = 0


class TappedLanes(Unit):
    """Multipliers side by side, as many as stated, or as the bytes that the tap gives a core in a cycle ask for."""

    lanes: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=UNSTATED, description="multiply-accumulates of a cycle"
    )
    lanes_per_byte: float | None = Field(
        default=None,
        gt=0,
        le=1024,
        description="instead of `lanes`, multiply-accumulates for each byte that the tap gives a core in a cycle of "
        "its clock, rounded to whole lanes: at another tap a core keeps its ratio of compute to bandwidth",
    )

    @property
    def given(self) -> dict[str, Any]:
        """What is stated of the number of lanes."""
        stated = "lanes" if self.lanes_per_byte is None else "lanes_per_byte"
        return {stated: getattr(self, stated)}

    def at_tap(self, bytes_per_cycle: float) -> Unit:
        """So many lanes as the bytes of a cycle ask for, one at least, where they are given so."""
        if self.lanes_per_byte is None:
            return self
        lanes = max(1, round(self.lanes_per_byte * bytes_per_cycle))
        return self.model_copy(update={"lanes": lanes, "lanes_per_byte": None})

    def faults(self, formats: Sequence[str]) -> Iterator[str]:
        """Lanes that are given in both ways, or in none."""
        yield from super().faults(formats)
        if self.lanes_per_byte is not None and "lanes" in self.model_fields_set:
            yield "lanes and lanes_per_byte both say how many lanes there are; state one of them (`_replace: true`)."
        elif self.lanes_per_byte is None and self.lanes == UNSTATED:
            yield "lanes are needed: their number, or lanes_per_byte."
