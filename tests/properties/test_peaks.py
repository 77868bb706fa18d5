"""Laws of bandwidth inside the DRAM die (P series): all banks read a column per tCCD, and each limit in force lowers
that by its own closed form, written out here from the timings by name."""

from functools import cache
from itertools import product
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.peak import limited_bytes_per_s, peak_bytes_per_s
from bankside.arch.dram.device.sections import Limits, PowerLimit
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import load, names

NO_LIMIT: Final = {"tRRD": False, "tFAW": False, "t32AW": False, "power": False}
WINDOWS: Final = tuple(
    PowerLimit.model_validate({"window": window, "activates": activates})
    for window, activates in product(("1 us", "4 us"), (16, 64))
)


@cache
def shipped(name: str) -> DeviceSpec:
    return load(name, "devices", DeviceSpec).spec


WITH_UNITS: Final = [
    name for name in names("devices") if not name.startswith("hbf") and shipped(name).pim is not None
]
limits = st.fixed_dictionaries(
    {
        **dict.fromkeys(("tRRD", "tFAW", "t32AW"), st.booleans()),
        "power": st.sampled_from([False, *range(len(WINDOWS))]),
    }
)


def under(name: str, chosen: dict[str, bool | int]) -> Standard:
    power = chosen["power"]
    return _under(
        name, *(bool(chosen[each]) for each in ("tRRD", "tFAW", "t32AW")), None if power is False else power
    )


@cache
def _under(name: str, rrd: bool, faw: bool, aw32: bool, power: int | None) -> Standard:
    spec = shipped(name)
    window = False if power is None else WINDOWS[power]
    assert spec.pim is not None
    given_limits = Limits(tRRD=rrd, tFAW=faw, t32AW=aw32, power=window)
    return compile_standard(
        spec.model_copy(update={"pim": spec.pim.model_copy(update={"limits": given_limits})})
    )


def seconds(spec: DeviceSpec, timing: str) -> float:
    """A timing by name, counted in whole clocks [s]; 0 where the device has none of that name."""
    found = spec.timings.get(timing)
    if found is None:
        return 0.0
    if found.cycle is not None:
        return found.cycle / spec.clock
    return -(-found.s * spec.clock // 1) / spec.clock


def banks(spec: DeviceSpec) -> int:
    return spec.levels.bank * spec.levels.bank_group * spec.levels.rank


@pytest.mark.parametrize("name", WITH_UNITS)
def test_p1_without_limits_all_banks_read_a_column_per_interval(name: str) -> None:
    spec = shipped(name)
    assert spec.pim is not None
    free = under(name, NO_LIMIT)
    interval_s = seconds(spec, "tCCD_MAC") or max(seconds(spec, "tCCD_L"), spec.burst.cycles / spec.clock)
    column = banks(spec) * spec.levels.pseudo_channel * spec.burst.bytes
    share = {"bank": 1, "bank_pair": 2, "bank_group": spec.levels.bank}
    for scope in spec.pim.scopes:
        expected = column / share[scope] / interval_s
        assert limited_bytes_per_s(free, scope) == peak_bytes_per_s(free, scope) == pytest.approx(expected)


@given(st.sampled_from(WITH_UNITS), limits)
def test_p2_each_limit_lowers_the_peak_by_its_closed_form(name: str, chosen: dict[str, bool | int]) -> None:
    spec, number = shipped(name), banks(shipped(name))
    row = number * spec.levels.pseudo_channel * spec.levels.column * spec.burst.bytes
    a_row_s = [1e-30]
    if chosen["tRRD"]:
        a_row_s += [number * seconds(spec, "tRRD_S"), spec.levels.bank * seconds(spec, "tRRD_L")]
    if chosen["tFAW"]:
        a_row_s.append(number * seconds(spec, "tFAW") / 4)
    if chosen["t32AW"]:
        a_row_s.append(number * seconds(spec, "t32AW") / 32)
    if chosen["power"] is not False:
        window = WINDOWS[chosen["power"]]
        a_row_s.append(number * window.window / window.activates)
    assert spec.pim is not None
    for scope in spec.pim.scopes:
        columns = limited_bytes_per_s(under(name, {**NO_LIMIT, "power": chosen["power"]}), scope)
        held = limited_bytes_per_s(under(name, chosen), scope)
        assert held == pytest.approx(min(columns, row / max(a_row_s)))
        assert held <= columns <= peak_bytes_per_s(under(name, NO_LIMIT), scope)
