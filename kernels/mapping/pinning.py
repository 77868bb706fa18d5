"""Pinned mappings meet the operators of a kernel, by label."""

from collections.abc import Sequence
from dataclasses import replace

from bankside.arch.machine.machine import Machine
from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.cores import core_for
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.operators import Kernel, MatMul, Operator, Phase


def pinned(kernel: Kernel, machine: Machine, pins: Sequence[PinSpec]) -> Kernel:
    """The kernel with each pin on its operators.

    One entry of a label holds for all operators of that name; several are theirs in order. Only matrix products on
    cores that read through the tap are told how; entries of other operators are compared with what runs.

    Raises
    ------
    ConfigError
        If a label is none of the kernel's, stands too often or too seldom, or an entry is no mapping of a product.
    """
    if not pins:
        return kernel
    products = [op for _, op in kernel.operators() if _takes_pin(machine, op)]
    labels = dict.fromkeys(op.label for _, op in kernel.operators())
    faults: list[str] = []
    queues: dict[str, list[PinSpec]] = {}
    for pin in pins:
        queues.setdefault(pin.label, []).append(pin)
    for label, queue in queues.items():
        count = sum(op.label == label for op in products)
        if label not in labels:
            known = ", ".join(labels)
            faults.append(f"The mapping pins {label!r}, but kernel {kernel.name} has the operators {known}.")
        elif count and len(queue) not in (1, count):
            faults.append(
                f"The mapping pins {label!r} {len(queue)} times, but kernel {kernel.name} has {count} products of that "
                "name: give one entry, or one for each."
            )
        elif count:
            faults += [f"The pinned mapping of {label} {fault}." for pin in queue for fault in pin.faults()]
    if faults:
        raise ConfigError(list(dict.fromkeys(faults)))

    def told(op: Operator) -> Operator:
        queue = queues.get(op.label, [])
        if not queue or not isinstance(op, MatMul) or not _takes_pin(machine, op):
            return op
        pin = queue[0] if len(queue) == 1 else queue.pop(0)
        return replace(op, pin=pin.mapping(), split=pin.nodes_over())

    phases = tuple(Phase(p.count, tuple(map(told, p.operators)), p.label) for p in kernel.phases)
    return replace(kernel, phases=phases)


def _takes_pin(machine: Machine, op: Operator) -> bool:
    return isinstance(op, MatMul) and not core_for(machine, op).in_dram_die


def check_pins(pins: Sequence[PinSpec], ran: Sequence[dict[str, object]]) -> None:
    """Whether the entries of operators that take no pin say what runs anyway.

    Raises
    ------
    ConfigError
        With a sentence for each label that does not.
    """
    faults = []
    for label in dict.fromkeys(pin.label for pin in pins):
        stated = [pin.stated() for pin in pins if pin.label == label]
        found = [entry for entry in ran if entry["label"] == label]
        if any("order" in entry for entry in found) or stated == found:
            continue
        if not found or any(entry not in found for entry in stated):
            faults.append(
                f"The mapping of {label} cannot be pinned: only matrix products on cores outside the DRAM die can, and "
                "what the entry says is not what runs."
            )
    if faults:
        raise ConfigError(faults)
