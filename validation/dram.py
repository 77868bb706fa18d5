"""Our values for claims about DRAM channels: each function gives one number in the unit that its docstring names."""

from functools import cache

from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.peak import peak_bytes_per_s
from bankside.arch.dram.device.sections import DeviceEnergy
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import load
from bankside.unit import dram

PATH = ("bank", "bank_group", "vault", "base", "host")


@cache
def _standard(device: str) -> Standard:
    return compile_standard(load(device, "devices", DeviceSpec).spec)


def result(column: str, **case: str | int | float | bool) -> float:
    """A result column of the unit dram for a case [unit of the column]."""
    return float(dram.run_case(case)[column])


def cycles_per_request(device: str, stream: str, scheduler: str) -> float:
    """Clocks that one more request takes in the second half of a stream, refresh off [clock]."""
    case = {"device": device, "stream": stream, "scheduler": scheduler, "refresh": "off"}
    whole = dram.run_case(case)
    count = int(whole["RD"]) + int(whole["WR"])
    half = dram.run_case(case | {"n_req": count // 2})
    return (float(whole["cycles_total"]) - float(half["cycles_total"])) / (count - count // 2)


def idle_latency(device: str, stream: str, scheduler: str) -> float:
    """Mean clocks of the reads of an idle stream from its second on; the first finds a closed bank [clock]."""
    case = {"device": device, "stream": stream, "scheduler": scheduler, "refresh": "off"}
    whole, first = dram.run_case(case), dram.run_case(case | {"n_req": 1})
    count = int(whole["RD"])
    return (float(whole["avg_rd_lat_cyc"]) * count - float(first["avg_rd_lat_cyc"])) / (count - 1)


def energy_uj(**case: str | int | float | bool) -> float:
    """Energy of the core over a run of one channel [uJ]."""
    return result("energy_pJ", **case) / 1e6


def path_pj_per_bit(device: str, level: str, activation: bool = True, row_share: float = 1.0) -> float:
    """Energy of one bit read up to a level, with its share of the activation [pJ/bit].

    `row_share` is the part of an open row that is read before it is closed.
    """
    standard = _standard(device)
    energy = standard.spec.energy
    assert isinstance(energy, DeviceEnergy)
    levels = PATH[: PATH.index(level) + 1]
    row_bits = standard.columns * standard.burst_bytes * 8
    opening = energy.activate / (row_bits * row_share) if activation else 0.0
    return 1e12 * (opening + sum(sum(energy.path.get(name, {}).values()) for name in levels))


def channel_gbyte_per_s(device: str, level: str = "vault") -> float:
    """Peak bandwidth of one channel at a level [GB/s]."""
    return peak_bytes_per_s(_standard(device), level) / 1e9
