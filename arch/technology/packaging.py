"""What joins and cools dies: materials, bonds and coolers, read from configs/technology."""

from functools import cache
from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, model_validator

from bankside.arch.spec import (
    ConfigError,
    FieldError,
    HeatTransfer,
    Length,
    Share,
    Spec,
    Temperature,
    ThermalConductivity,
    load,
)

ZERO_CELSIUS_K = 273.15


class MaterialSpec(Spec):
    """A homogeneous material, equal in all directions."""

    conductivity: ThermalConductivity


class BondSpec(Spec):
    """The layer between two stacked dies."""

    material: str
    thickness: Length


class StackSpec(Spec):
    """What is common to all stacks: heights of a stacked die, a single die, the wiring of a die, the thermal interface,
    a lid of copper, an interposer of silicon; the gap between dies on it; the share of a stacked die that is vias."""

    die: Length
    single_die: Length
    wiring: Length
    interface: Length
    lid: Length
    interposer: Length
    gap: Length
    vias: Share


class CoolerSpec(Spec):
    """Heat transfer from a stack's top face, referred to that face's area, to air or water at `ambient`."""

    heat_transfer: Annotated[HeatTransfer, Field(gt=0)]
    ambient: Temperature

    @property
    def ambient_c(self) -> float:
        """Temperature of the air or water [degC]."""
        return self.ambient - ZERO_CELSIUS_K

    def resistance_k_per_w(self, area_m2: float) -> float:
        """Resistance from a top face of `area_m2` to the ambient [K/W]."""
        return 1.0 / (self.heat_transfer * area_m2)


def _named_or_own(value: object) -> str:
    return CoolerSpec.__name__ if isinstance(value, dict | CoolerSpec) else "name"


Cooler = Annotated[
    Annotated[str, Tag("name")] | Annotated[CoolerSpec, Tag(CoolerSpec.__name__)],
    Discriminator(_named_or_own),
]
"""A cooler by the name that packaging.yaml gives it, or one of a machine's own."""


class PackagingSpec(Spec):
    """The whole of configs/technology/packaging.yaml, by name."""

    materials: dict[str, MaterialSpec]
    bonds: dict[str, BondSpec] = Field(min_length=1)
    stack: StackSpec
    coolers: dict[str, CoolerSpec] = Field(min_length=1)

    @model_validator(mode="after")
    def _materials_exist(self) -> Self:
        needed = {"silicon", "copper", "wiring", "interface"}
        if missing := sorted(needed - self.materials.keys()):
            raise FieldError(f"every stack needs the materials {', '.join(missing)}.", "materials")
        for name, bond in self.bonds.items():
            if bond.material not in self.materials:
                raise FieldError(f"there is no material '{bond.material}'.", f"bonds.{name}.material")
        return self

    def cooler(self, name: str) -> CoolerSpec:
        """The cooler of that name, refused in a sentence when there is none."""
        if name not in self.coolers:
            raise ConfigError(f"There is no cooler '{name}'; the coolers are {', '.join(self.coolers)}.")
        return self.coolers[name]


@cache
def load_packaging() -> PackagingSpec:
    """The shipped packaging data."""
    return load("packaging", "technology", PackagingSpec).spec
