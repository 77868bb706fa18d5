"""Numbers of stacks that whole packages of a machine have, and the links among so many."""

from collections.abc import Callable

from bankside.arch.machine.spec import OFF_STACK, MachineSpec
from bankside.arch.spec import ConfigError, Loaded

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


def with_links(
    loaded: Loaded[MachineSpec], packages: int, place: Callable[[Loaded[MachineSpec], str], str]
) -> MachineSpec:
    """The machine with links as fast as networks among so many packages have them that are to be equal.

    Raises
    ------
    ConfigError
        With the place of what cannot be made equal.
    """
    entries = list(loaded.spec.path)
    joins = max((i for i, entry in enumerate(entries) if entry.network is not None), default=-1)
    for i, entry in enumerate(entries):
        if entry.network is None or entry.network.equal is None:
            continue
        at = place(loaded, f"path.{entry.level}.network.equal")
        if i != joins or entry.level not in OFF_STACK:
            raise ConfigError([f"{at}: Networks among packages are made equal, the outermost off the stack."])
        try:
            entries[i] = entry.model_copy(update={"network": entry.network.among(packages)})
        except ValueError as error:
            raise ConfigError([f"{at}: {error}"]) from None
    same = all(new is old for new, old in zip(entries, loaded.spec.path, strict=True))
    return loaded.spec if same else loaded.spec.model_copy(update={"path": tuple(entries)})
