"""Our values for claims on flash: each function gives one number in the unit that its docstring names.

Bandwidths are those of a long stream on one channel, run through the same kernel as every other, times channels.
"""

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.channel.in_order.stream import READ, WRITE
from bankside.arch.dram.flash.device import Flash, FlashSpec, buffer_bytes, compile_flash, lifetime_s
from bankside.arch.dram.flash.stream import new_flash_state, run_flash
from bankside.arch.events import N_EVENT
from bankside.arch.spec import load

PAGES_OF_A_PLANE = 2000
WEEK_S = 7 * 24 * 3600


def _flash(device: str, planes: int = 0, read: str = "") -> Flash:
    overrides = [f"die.planes={planes}"] * bool(planes) + [f"page.read={read}"] * bool(read)
    return compile_flash(load(device, "devices", FlashSpec, overrides).spec)


def _stack_bytes_per_s(flash: Flash, kind: int) -> float:
    """Bandwidth of a stack over a stream of many pages of every plane [byte/s]."""
    bursts = PAGES_OF_A_PLANE * flash.planes * int(flash.packed[0]["page_bursts"])
    end = run_flash(
        flash.packed, new_flash_state(), kind, 0, 1, bursts, 0, 0,
        np.zeros(N_CAUSE, dtype=np.int64), np.zeros(N_EVENT, dtype=np.int64),
    )  # fmt: skip
    return bursts * flash.burst_bytes / (end * flash.slot_fs / 1e15) * flash.channels


def read_gbyte_per_s(device: str, planes: int = 0, read: str = "") -> float:
    """Read bandwidth of a stack, measured over a stream [GB/s]."""
    return _stack_bytes_per_s(_flash(device, planes, read), READ) / 1e9


def write_gbyte_per_s(device: str) -> float:
    """Write bandwidth of a stack, measured over a stream [GB/s]."""
    return _stack_bytes_per_s(_flash(device), WRITE) / 1e9


def capacity_gibyte(device: str) -> float:
    """Capacity of a stack [GiB]."""
    return _flash(device).capacity_bytes / 2**30


def buffer_mbyte(device: str) -> float:
    """Buffer that hides tR at the bandwidth of a stack: 2 x BW x tR [MB = 1e6 byte]."""
    flash = _flash(device)
    return buffer_bytes(flash.peak_bytes_per_s * flash.channels, flash.spec.page.read) / 1e6


def buffer_mibyte(device: str) -> float:
    """Buffer that hides tR at the bandwidth of a stack: 2 x BW x tR [MiB]."""
    return buffer_mbyte(device) * 1e6 / 2**20


def lifetime_weeks(device: str) -> float:
    """Time until a stack is worn out when it is written without a pause [weeks]."""
    flash = _flash(device)
    rate = flash.write_bytes_per_s * flash.channels
    return lifetime_s(flash.capacity_bytes, flash.spec.endurance, rate) / WEEK_S


def power_w(device: str) -> float:
    """Power of a stack that is read at full bandwidth: pages, wires and link, without standby [W]."""
    flash = _flash(device)
    energy = flash.spec.energy
    assert energy is not None
    path_j = sum(bit_j for parts in energy.path.values() for bit_j in parts.values())
    bit_j = energy.read / (8 * flash.spec.page.bytes) + path_j
    return bit_j * 8 * flash.peak_bytes_per_s * flash.channels


def serial_page_us(read_us: int, bus_mbyte_per_s: int) -> float:
    """Time of one 16 KiB page alone on a channel of a slow bus: tR + page / bus [us]."""
    overrides = [f"page.read={read_us} us", f"clock={bus_mbyte_per_s / 64} MHz"]
    flash = compile_flash(load("hbf", "devices", FlashSpec, overrides).spec)
    bursts = int(flash.packed[0]["page_bursts"])
    end = run_flash(
        flash.packed, new_flash_state(), READ, 0, 1, bursts, 0, 0,
        np.zeros(N_CAUSE, dtype=np.int64), np.zeros(N_EVENT, dtype=np.int64),
    )  # fmt: skip
    return end * flash.slot_fs / 1e9
