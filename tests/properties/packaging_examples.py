"""Examples of the fields of packaging, see `field_examples`."""

PACKAGING_EXAMPLES: dict[str, tuple[str, str]] = {
    "PackagingSpec.materials": ("packaging base-die", "materials.silicon.conductivity=10 W/m/K"),
    "PackagingSpec.bonds": ("packaging base-die", "bonds.microbump.thickness=90 um"),
    "PackagingSpec.stack": ("packaging base-die", "stack.die=10 um"),
    "PackagingSpec.coolers": ("packaging base-die", "coolers.air.ambient=20 degC"),
    "MaterialSpec.conductivity": ("packaging base-die", "materials.silicon.conductivity=10 W/m/K"),
    "BondSpec.material": ("packaging base-die", "bonds.microbump.material=copper"),
    "BondSpec.thickness": ("packaging base-die", "bonds.microbump.thickness=90 um"),
    "StackSpec.die": ("packaging base-die", "stack.die=10 um"),
    "StackSpec.single_die": ("packaging xpu-h100", "stack.single_die=10 um"),
    "StackSpec.wiring": ("packaging base-die", "stack.wiring=50 um"),
    "StackSpec.lid": ("packaging base-die", "stack.lid=9 mm"),
    "StackSpec.interposer": ("packaging xpu-h100", "stack.interposer=900 um"),
    "StackSpec.gap": ("packaging xpu-h100", "stack.gap=9 mm"),
    "StackSpec.vias": ("packaging base-die", "stack.vias=0.1"),
    "StackSpec.interface": ("packaging base-die", "stack.interface=500 um"),
    "CoolerSpec.heat_transfer": ("packaging base-die", "coolers.air.heat_transfer=2e3 W/m2/K"),
    "CoolerSpec.ambient": ("packaging base-die", "coolers.air.ambient=20 degC"),
}
