"""Collectives over a network: the fastest of the algorithms that its routers, nodes and software can run.

Without protocols a collective is its algorithm's steps on the links alone (`algorithms`); adding up at the nodes is
then not charged here: the nodes' vector lanes do it. With protocols (`protocol`) each algorithm is tried with each
that has it.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from math import ceil, isinf
from typing import Final

from bankside.arch.noc.algorithms import Steps, algorithms, alternate, cheaper
from bankside.arch.noc.occupancy import FS_PER_S, NetCost, Network
from bankside.arch.noc.protocol import PLAIN, Algorithm, Pattern, Protocol
from bankside.arch.noc.traffic import IDLE, Step, price

SUMS: Final = ("reduce", "all_reduce", "reduce_scatter")
MOVED_BY_AN_ADD: Final = 3
"""Times that an added byte moves: what came and what is there are read, the sum is written."""


def cost(network: Network, pattern: Pattern, bytes_each: int, algorithm: Algorithm | None = None) -> NetCost:
    """Cost of `pattern` among all nodes of `network` when nothing else moves; see `schedule`."""
    return total(network, schedule(network, pattern, bytes_each, algorithm))


def total(network: Network, steps: Sequence[Step]) -> NetCost:
    """Cost of steps, each of which begins when the one before it has come in."""
    found = NetCost()
    for step in steps:
        found += price(network, step)
    return found


def schedule(
    network: Network, pattern: Pattern, bytes_each: int, algorithm: Algorithm | None = None
) -> Steps:
    """The steps of `pattern` among all nodes of `network`; none for a lone node or for no bytes.

    Parameters
    ----------
    network : Network
    pattern : Pattern
        See there what `bytes_each` counts.
    bytes_each : int [byte]
    algorithm : Algorithm, optional
        Without it the one that ends first, ties in the order of `algorithms` and of the network's protocols.

    Raises
    ------
    ValueError
        Negative bytes, or an algorithm that this pattern cannot use on this network.
    """
    return list(_schedule(network, pattern, bytes_each, algorithm))


@lru_cache(maxsize=4096)
def _schedule(
    network: Network, pattern: Pattern, bytes_each: int, algorithm: Algorithm | None
) -> tuple[Step, ...]:
    if bytes_each < 0:
        raise ValueError(f"A message cannot have {bytes_each} bytes.")
    if network.nodes == 1 or bytes_each == 0:
        return ()
    return tuple(cheaper(network, _candidates(network, pattern, bytes_each, algorithm)))


def pipelined(
    network: Network, pattern: Pattern, bytes_each: int, algorithm: Algorithm | None, chunks: int
) -> list[Steps]:
    """The steps of every chunk of a collective that is cut into so many; `double_tree` gives each tree every second.

    Raises
    ------
    ValueError
        As `schedule`.
    """
    each = -(-bytes_each // chunks)
    if algorithm == "double_tree" and chunks > 1 and network.nodes > 1 and each:
        candidates = [
            [
                _dressed(network, pattern, protocol, alternate(network, each, i % 2))
                for protocol in _protocols(network)
            ]
            for i in range(chunks)
        ]
        return [cheaper(network, found) for found in candidates]
    return [schedule(network, pattern, each, algorithm)] * chunks


def _protocols(network: Network) -> tuple[Protocol, ...]:
    return network.protocols or (PLAIN,)


def _candidates(network: Network, pattern: Pattern, size: int, algorithm: Algorithm | None) -> list[Steps]:
    known = algorithms(network, pattern)
    if algorithm is not None and algorithm not in known:
        raise ValueError(
            f"{pattern} among {network.nodes} nodes of a {network.topology} cannot run the algorithm {algorithm}; "
            f"it can run {', '.join(known)}."
        )
    wanted = {algorithm: known[algorithm]} if algorithm is not None else known
    found = [
        _dressed(network, pattern, protocol, make(size))
        for name, make in wanted.items()
        for protocol in _protocols(network)
        if protocol.runs(name)
    ]
    if not found:
        names = ", ".join(protocol.name for protocol in network.protocols)
        raise ValueError(
            f"None of the protocols {names} runs {algorithm or pattern} among {network.nodes} nodes of a "
            f"{network.topology}."
        )
    return found


def _dressed(network: Network, pattern: Pattern, protocol: Protocol, steps: Steps) -> Steps:
    """Steps as a protocol makes them: behind its base, each with its own time, messages longer by its share."""
    if protocol is PLAIN:
        return steps
    share = protocol.share_of(pattern, network.nodes)
    made = [] if protocol.base_fs == 0 else [Step(IDLE, 0, 1, protocol.base_fs)]
    for i, step in enumerate(steps):
        wait = step.wait_fs + protocol.step_fs + protocol.message_fs * step.traffic.port
        held = ceil(step.message_byte / share) if share < 1 else 0
        adding = _adding_fs(network, protocol, step)
        sums = _sums(pattern, steps, i)
        if not adding or not sums:
            made.append(replace(step, wait_fs=wait, held_byte=held))
            continue
        made.append(replace(step, wait_fs=wait + adding, held_byte=held, repeats=sums))
        if step.repeats > sums:
            made.append(replace(step, wait_fs=wait, held_byte=held, repeats=step.repeats - sums))
    return made


def _adding_fs(network: Network, protocol: Protocol, step: Step) -> int:
    """What adding up takes beyond a step: of the last message, and of those before where they come faster [fs]."""
    if isinf(protocol.adds_bytes_per_s):
        return 0
    one = round(MOVED_BY_AN_ADD * step.message_byte * FS_PER_S / protocol.adds_bytes_per_s)
    return one + (step.traffic.port - 1) * max(0, one - network.fs(step.message_byte))


def _sums(pattern: Pattern, steps: Steps, i: int) -> int:
    """How many repetitions of a step add up what they bring: all of a reduction, half of those there and back."""
    if pattern not in SUMS:
        return 0
    if pattern != "all_reduce" or (len(steps) == 1 and steps[0].repeats == 1):
        return steps[i].repeats
    before = sum(step.repeats for step in steps[:i])
    half = sum(step.repeats for step in steps) // 2
    return max(0, min(steps[i].repeats, half - before))
