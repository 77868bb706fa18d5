"""The pieces of an operand: more rows never end sooner, and the stationary operand is not read for nothing."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.pim.banks import Banks
from bankside.kernels.mapping.bank_pieces import bound, columns_of, pieces_of, trial_s
from bankside.kernels.mapping.cores import hub_of
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.run.simulate import simulate


def banks_of(name: str, *settings: str) -> Banks:
    machine = load_machine(name, settings)
    hub = hub_of(machine, machine.primary)
    return Banks(Lowering(machine), machine.primary, hub, 0)


def gemv(name: str, m: int, k: int, batch: int) -> dict[str, Any]:
    kind = "int8" if name == "upmem" else "fp16" if name == "hbm-pim" else "bf16"
    machine = load_machine(name)
    here = [PinSpec(operator="gemv", core=machine.primary.name)]
    return simulate(build("gemv", m=m, k=k, batch=batch, format=kind), machine, mapping=here).to_dict()


@pytest.mark.parametrize(
    ("name", "m", "k"),
    [("attacc-bank", 2048, 2048), ("attacc-bg", 2048, 2048), ("aim", 2048, 2048), ("hbm-pim", 2048, 256),
     ("lpddr5-pim", 256, 256), ("upmem", 256, 2048)],
)  # fmt: skip
def test_more_rows_do_not_end_sooner(name: str, m: int, k: int) -> None:
    """Up to what a choice may miss: half a per cent for fewer bytes, and what a short trial leaves out."""
    times = [gemv(name, m, k, batch)["time_fs"] for batch in (1, 3, 8, 15, 16, 17, 32, 33, 63, 64, 65, 96)]
    longest = 0
    for time_fs in times:
        assert time_fs >= 0.99 * longest
        longest = max(longest, time_fs)


def test_a_column_serves_as_many_rows_as_sums_are_kept() -> None:
    shape, formats = (12, 40, 640), (FORMATS["fp16"], FORMATS["fp16"], FORMATS["fp16"])
    for name, most in (
        ("attacc-bank", 1),
        ("aim", 1),
        ("lpddr5-pim", 1),
        ("hbm-pim", 6),
    ):  # 12 rows: 6 of 8 twice
        assert max(rows for rows, _ in pieces_of(banks_of(name), shape, formats)) == most
    once, thrice = (
        gemv("attacc-bank", 2048, 2048, batch)["bandwidth"]["dram"]["bytes_read"] for batch in (1, 3)
    )
    assert thrice == 3 * once


def test_row_openings_and_power_windows_count_besides_columns() -> None:
    """Few rows at once have about as many lane cycles as many, but pay for opening every row again."""
    kernel = build("gemv", m=2048, k=2048, batch=64, format="bf16")
    result = simulate(kernel, load_machine("attacc-bank", ["cores.pe.accumulators=64"])).to_dict()
    tile = result["mapping"]["operators"][0]["tile"]
    assert tile["m"] >= 16
    assert result["bandwidth"]["dram"]["bytes_read"] < 100e6
    assert result["time_s"] < 36e-6


def test_a_single_row_leaves_no_choice() -> None:
    tile = gemv("aim", 2048, 4096, 1)["mapping"]["operators"][0]["tile"]
    assert (tile["m"], tile["k"]) == (1, 1024)


@pytest.mark.parametrize("name", ["attacc-bank", "aim", "hbm-pim", "lpddr5-pim"])
def test_the_bound_is_below_the_trial(name: str) -> None:
    banks, shape = banks_of(name), (12, 40, 640)
    formats = (FORMATS["fp16"], FORMATS["fp16"], FORMATS["fp16"])
    pieces = set(pieces_of(banks, shape, formats))
    assert {at_once for at_once, _ in pieces} <= {1, 2, 3, 4, 6, 12}
    for at_once, cut in pieces:
        assert at_once * cut * 2 <= banks.buffer_byte
        assert bound(banks, shape, formats, (at_once, cut)) < trial_s(banks, shape, formats, (at_once, cut))


def test_a_cut_of_whole_columns_reads_nothing_twice() -> None:
    banks, fp16 = banks_of("attacc-bank", "cores.pe.accumulators=65"), FORMATS["fp16"]
    shape, formats = (65, 20, 2048), (fp16, fp16, fp16)
    assert {(65, 126), (65, 112)} <= set(pieces_of(banks, shape, formats))
    assert columns_of(banks, shape, formats, (65, 112)) == 2048 * 2 // 32
    assert columns_of(banks, shape, formats, (65, 126)) == 16 * 8 + 2


@pytest.mark.parametrize("name", ["attacc-bank", "hbm-pim"])
def test_the_first_passes_and_tiles_stand_for_all(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    banks, fp16 = banks_of(name), FORMATS["fp16"]
    shape, formats, piece = (64, 256, 2048), (fp16, fp16, fp16), (2, 64)
    part_s = trial_s(banks, shape, formats, piece)
    monkeypatch.setattr("bankside.kernels.mapping.bank_pieces.COMMANDS", 1 << 40)
    assert part_s == pytest.approx(trial_s(banks, shape, formats, piece), rel=0.02)
