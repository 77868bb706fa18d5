"""One timing set per standard for trying the oracles, in slots; figures of the simulators' presets.

Ramulator 2.1 c5b1c3a: HBM2_8Gb 2000 Mbps, HBM3_16Gb 6400 (counted in half clocks), DDR4_8Gb_x8 2400U,
DDR5_16Gb_x8 4800BN, GDDR6_8Gb_x16 14000, LPDDR5_16Gb_x16 6400. DRAMsim3 29817593: HMC_4GB_4Lx16, and t32AW of
GDDR6. tRTW = tCL + burst + 2 - tCWL where the preset has none.
"""

from typing import NamedTuple

from tests.oracles.jedec_rules import Geometry


class Device(NamedTuple):
    """A timing set with its standard and geometry."""

    family: str
    geometry: Geometry
    timing: dict[str, int]


def _timing(names: str, values: list[int], scale: int = 1) -> dict[str, int]:
    timing = {n: v * scale for n, v in zip(names.split(), values, strict=True)}
    timing.setdefault("tRTW", timing["tCL"] + timing["burst"] + 2 * scale - timing["tCWL"])
    return timing


_REST = " tRP tRAS tRC tRTP tWR tWTR_S tWTR_L tRRD_S tRRD_L tCCD_S tCCD_L tFAW tREFI tRFC"
_SPLIT = "burst tCL tCWL tRCDRD tRCDWR" + _REST
_PLAIN = "burst tCL tCWL tRCD" + _REST

_HBM2 = [2, 14, 5, 14, 12, 14, 34, 48, 5, 16, 6, 8, 4, 4, 2, 4, 15, 3900, 350, 160, 8]
_HBM3 = [2, 20, 10, 31, 15, 26, 45, 72, 9, 33, 7, 10, 4, 5, 2, 4, 24, 6240, 560, 320, 8, 2, 20]
_DDR4 = [4, 17, 12, 17, 17, 39, 56, 9, 18, 3, 9, 4, 6, 4, 6, 26, 9364, 433]
_DDR5 = [8, 36, 34, 36, 36, 77, 113, 18, 72, 6, 24, 8, 12, 8, 12, 48, 9375, 710, 2, 8, 48]
_GDDR6 = [2, 24, 6, 27, 16, 27, 53, 79, 4, 27, 9, 11, 8, 8, 2, 4, 29, 3333, 211, 106, 15, 420]
_LPDDR5 = [2, 17, 9, 15, 15, 34, 49, 8, 28, 5, 10, 4, 4, 2, 4, 16, 3125, 224, 112, 6, 17, 2]
_HMC = [8, 17, 17, 17, 17, 34, 51, 5, 17, 3, 3, 4, 4, 6, 6, 27, 9364, 420]

DEVICES = {
    "HBM2": Device("HBM", Geometry(4, 4, 1 << 16, 2), _timing(_SPLIT + " tRFCsb tRREFD", _HBM2)),
    "HBM3": Device(
        "HBM", Geometry(4, 4, 1 << 14, 2), _timing(_SPLIT + " tRFCsb tRREFD tPPD tRTW", _HBM3, scale=2)
    ),
    "DDR4": Device("DDR4", Geometry(4, 4), _timing(_PLAIN, _DDR4)),
    "DDR5": Device("DDR5", Geometry(8, 4), _timing(_PLAIN + " tPPD tCCD_S_WR tCCD_L_WR", _DDR5)),
    "GDDR6": Device("GDDR6", Geometry(4, 4, 1 << 14), _timing(_SPLIT + " tRFCsb tRREFD t32AW", _GDDR6)),
    "LPDDR5": Device("LPDDR5", Geometry(4, 4), _timing(_PLAIN + " tRFCsb tRREFD tRPab tPPD", _LPDDR5)),
    "HMC": Device("HMC", Geometry(1, 16), _timing(_PLAIN, _HMC)),
}
