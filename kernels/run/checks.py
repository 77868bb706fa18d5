"""What a kernel has to be before it is run on a machine: held by its memories, short enough, in its cores' formats."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.package_sizes import MOST_STACKS
from bankside.arch.noc.packet import described
from bankside.arch.pe.processor.instructions import BYTE
from bankside.arch.pe.product import MATRIX, SLOTS
from bankside.arch.pe.unit import Deciding
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import Taken, computed_as, read_as, written_as
from bankside.kernels.formats.known import FORMATS
from bankside.kernels.lower.collective import between_packages
from bankside.kernels.lower.turning import TURNS
from bankside.kernels.mapping.cores import hub_of
from bankside.kernels.mapping.mappers import core_for
from bankside.kernels.operators import Kernel, Operator, Phase
from bankside.kernels.run.asked import Bound

LONGEST_S = (
    1000.0  # no run is longer: 2^63 femtoseconds are 2.5 hours, and a run may take several times its bound
)


def stored_as_given(machine: Machine) -> bool:
    """Whether no unit of the machine stores weights in bits of its own."""
    return not any(
        isinstance(core.spec.units.get(SLOTS[MATRIX]), Deciding) for core in machine.cores.values()
    )


def room_bytes(kernel: Kernel, machine: Machine) -> dict[str, float]:
    """What the kernel's tensors leave free of each memory [byte]."""
    taken = _resident(kernel, machine)
    return {name: memory.capacity_bytes - taken[name] for name, memory in machine.memories.items()}


def _resident(kernel: Kernel, machine: Machine) -> Counter[str]:
    """Bytes of the kernel's tensors in each memory."""
    place = machine.spec.place
    taken: Counter[str] = Counter()
    resident = kernel.resident_bytes
    taken[place.weights] += resident["weights"]
    taken[place.kv] += resident["kv"]
    taken[machine.primary.memory.name] += resident["activations"]
    return taken


def check_capacity(kernel: Kernel, machine: Machine, sharing: int = 1) -> None:
    """Refuse a kernel whose tensors are larger than the memories that hold them; where it is the share of one of
    `sharing` packages, `machine` is that package."""
    faults = []
    for name, byte in _resident(kernel, machine).items():
        memory = machine.memories[name]
        if byte > memory.capacity_bytes:
            packages = -(-byte * machine.packages * sharing // memory.capacity_bytes)
            stacks = packages * (machine.stacks // machine.packages)
            each = f"each of {sharing} packages of " if sharing > 1 else ""
            faults.append(
                f"{kernel.name} needs {byte / 2**30:.6g} GiB in memory {name} of {each}{machine.name}, which holds "
                f"{memory.capacity_bytes / 2**30:.6g} GiB in {memory.stacks} stack(s): "
                f"{_advice(machine, packages, stacks)}"
            )
    if faults:
        raise ConfigError(faults)


def _advice(machine: Machine, packages: int, stacks: int) -> str:
    """What to do where so many packages would be enough."""
    if stacks > MOST_STACKS:
        return f"{stacks} stacks would hold it, and {MOST_STACKS} are the most."
    try:
        described(between_packages(machine)[1], packages)
    except ConfigError as error:
        return f"{stacks} stacks would hold it, and are not joined. {error}"
    return f"shard it with --stacks {stacks}."


def check_length(kernel: Kernel, machine: Machine, bound: Bound) -> None:
    """Refuse a run whose femtoseconds may not be counted in 64 bits."""
    if bound.time_s > LONGEST_S:
        raise ConfigError(
            [
                f"{kernel.name} takes {bound.time_s:.3g} s or more on {machine.name}; {LONGEST_S:g} s are the most."
            ]
        )


def in_supported_formats(kernel: Kernel, machine: Machine) -> tuple[Kernel, list[str]]:
    """The kernel in formats that its cores have, with sentences on those that they do not have; see `computed_as`.

    Raises
    ------
    ConfigError
        If a core has no format of that width and cannot turn it into a wider one, or rows end within groups of N:M.
    """
    sentences: dict[str, None] = {}
    phases = []
    for phase in kernel.phases:
        operators: list[Operator] = []
        for op in phase.operators:
            _check_groups(op)
            core = core_for(machine, op)
            operators.append(op.computed_in(_taken(machine, core, kernel.format.name, sentences)))
        phases.append(Phase(phase.count, tuple(operators), phase.label))
    return replace(kernel, phases=tuple(phases)), list(sentences)


def _check_groups(op: Operator) -> None:
    for tensor in (*op.inputs, *op.outputs):
        if tensor.format.sparse and tensor.row % tensor.format.keep[1]:
            of = tensor.format.keep[1]
            raise ConfigError(
                [
                    f"{op.label}: groups of {of} of {tensor.format.name} do not divide a row of {tensor.row} elements."
                ]
            )


def _taken(machine: Machine, core: Core, preferred: str, sentences: dict[str, None]) -> Taken:
    """How a core takes formats; sentences on those that it does not have are added to `sentences`."""
    spec = core.spec
    own = f"Core {core.name} of {machine.name} computes in {', '.join(spec.formats)}"
    advice = f"give formats that it has, as --format {spec.formats[0]}."

    def multiplied(fmt: Format, skipped: Collection[str] = ()) -> Format:
        # routines of whole numbers are none of floating-point ones, of whatever width
        alike = [name for name in spec.formats if not spec.processor or FORMATS[name].kind == fmt.kind]
        found = computed_as(fmt, alike, preferred, skipped)
        busy = found is not None and found.conversion is not None and found.conversion.works
        if found is None or (busy and "vector" not in spec.units):
            why = f"it has no vector lanes that turn {fmt.name} into one of them"
            if found is None:
                why = f"none of them has the {fmt.bits:g} bits of {fmt.name}, or holds its elements in more"
                if spec.processor:
                    why = f"no routine of them multiplies {fmt.name}, or what its elements fit in"
            raise ConfigError([f"{own}; {why}: {advice}"])
        if found != fmt:
            sentences[_converted(core.name, fmt, found)] = None
        return found

    def turned(name: str, found: Format, sentence: str) -> Format:
        if found.conversion is None:
            return found
        if turner is None:
            why = f"no core turns {found.name} into plain numbers, or these into {found.name}"
            raise ConfigError([f"{own}; {why}: {advice}"])
        sentences[sentence.format(turner, name, _many(found.conversion.per_element))] = None
        return found

    def read(fmt: Format) -> Format:
        if spec.processor and fmt.kind == "int" and fmt.bits < BYTE:
            return multiplied(fmt)  # loops count what takes it out of its byte
        return turned(fmt.name, read_as(fmt, spec.formats, preferred), reading)

    outside = hub_of(machine, core) if core.in_dram_die else core
    turner = outside.name if outside.spec.can(TURNS) else None
    reading = "Core {} turns each element of {} into a plain number before functions of it, in {} (assumed)."
    writing = "Core {} puts each result in {} into its block, in {} (assumed)."
    return Taken(
        multiplied,
        lambda fmt: multiplied(fmt, spec.skipped),
        read,
        lambda fmt: turned(fmt.name, written_as(fmt, outside.spec.formats), writing),
    )


def _many(count: int | Fraction) -> str:
    return "one operation" if count == 1 else f"{float(count):.3g} operations"


def _converted(core_name: str, fmt: Format, found: Format) -> str:
    """A sentence on a format that a core does not have."""
    how = found.conversion
    if how is None:
        return f"Core {core_name} has no {fmt.name}; it computes in {found.name}, of the same width."
    if how.per_element:
        each = _many(how.per_element)
        return (
            f"Core {core_name} has no {fmt.name}; its vector lanes turn each element into {how.to}, in {each} "
            "(assumed)."
        )
    if how.per_pair:
        each = "one operation" if how.per_pair.numerator == 1 else f"{how.per_pair.numerator} operations"
        return (
            f"Core {core_name} multiplies {fmt.name} as {how.to}; its vector lanes scale a sum for every "
            f"{how.per_pair.denominator} products, in {each} (assumed)."
        )
    return f"Core {core_name} multiplies {fmt.name} as {how.to}, and scales the results at no cost."
