"""Numbers of stacks that whole packages of a machine have."""

from bankside.arch.machine.spec import MachineSpec
from bankside.arch.spec import Loaded

MOST_STACKS = 4096  # as the YAML's own field; networks are walked link by link


def no_such_stacks(loaded: Loaded[MachineSpec], own: int, stacks: int) -> str:
    """A package is whole: what may be asked for instead."""
    memory = loaded.spec.cores[loaded.spec.primary].tap.split(".")[0]
    near = sorted({max(1, stacks // own) * own, min(stacks // own + 1, MOST_STACKS // own) * own})
    return (
        f"A package of {loaded.name} has {own} stacks of {memory}, so it runs with multiples of {own} up to "
        f"{MOST_STACKS // own * own} (next to {stacks}: {' or '.join(map(str, near))}); a package of another size is "
        f"--set memories.{memory}.stacks={stacks}."
    )
