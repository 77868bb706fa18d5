"""Energy of the DRAM core over a run of one channel: commands times the device's energies, plus standby power."""

from bankside.arch.dram.channel.controller import Outcome
from bankside.arch.dram.device.standard import Standard


def core_energy_parts_j(standard: Standard, outcome: Outcome) -> dict[str, float]:
    """Energy [J] of a run by part: activate, read, write, refresh, background.

    Reads and writes are charged the way from the cells to the bank edge, which in the devices taken from DRAMsim3 is
    its IDD4 - IDD3N over the burst; nothing beyond the core (vias, interface) is counted. Background is standby power
    with rows open or, where the device gives it, with all rows closed. A refresh is one REF of one rank or
    pseudo-channel; the device's figure is for all of a channel.

    Raises
    ------
    ValueError
        If the device has no energies.
    """
    energy = standard.spec.energy
    if energy is None:
        raise ValueError("The device states no energies.")
    counts, bits = outcome.counts, standard.burst_bytes * 8
    reads, writes = counts["RD"] + counts["RDA"], counts["WR"] + counts["WRA"]
    read = sum(energy.path["bank"].values())
    write = sum((energy.path_write or energy.path)["bank"].values())
    closed = energy.background if energy.background_precharged is None else energy.background_precharged
    slot_s = standard.slot_fs * 1e-15
    nodes = standard.refresh_nodes
    return {
        "activate": counts["ACT"] * energy.activate,
        "read": reads * bits * read,
        "write": writes * bits * write,
        "refresh": (counts["REF"] / nodes + counts["REFSB"] / standard.banks) * energy.refresh,
        "background": slot_s
        * (outcome.open_slots * energy.background + (outcome.slots - outcome.open_slots) * closed),
    }


def core_energy_j(standard: Standard, outcome: Outcome) -> float:
    """Energy of the core over a run [J]."""
    return sum(core_energy_parts_j(standard, outcome).values())
