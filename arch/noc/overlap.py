"""Collectives as operations of a program: one, or chunks of which so many are under way at once."""

from collections.abc import Sequence
from math import ceil

from bankside.arch.engine.execute import execute
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.program import ProgramBuilder
from bankside.arch.noc import collective
from bankside.arch.noc.algorithms import Steps
from bankside.arch.noc.kind import NETWORK
from bankside.arch.noc.packet import Carrier, NetworkLike, described
from bankside.arch.noc.protocol import Algorithm, Pattern
from bankside.arch.spec import ConfigError


def chunked(
    network: NetworkLike, pattern: Pattern, nodes: int, bytes_each: float, algorithm: Algorithm | None = None
) -> list[Steps]:
    """The steps of each chunk into which a network cuts a collective; without those that move nothing.

    Raises
    ------
    ConfigError
        An algorithm, or a pattern, that the network or its protocols do not run.
    """
    try:
        found = collective.pipelined(
            described(network, nodes), pattern, ceil(bytes_each), algorithm, network.chunks
        )
    except ValueError as error:
        raise ConfigError([str(error)]) from None
    return [steps for steps in found if steps]


def alone_fs(network: NetworkLike, chunks: Sequence[Steps], nodes: int) -> int:
    """Time of a collective's chunks on a network that nothing else uses [fs]."""
    builder, carrier = ProgramBuilder(), Carrier(network, off_stack=True)
    unit, label, made = builder.unit("network", 1, NETWORK, part=0), builder.label("collective"), list[int]()
    for i, steps in enumerate(chunks):
        behind = made[i - network.in_flight :][:1] if i >= network.in_flight else []
        made.append(builder.op(unit, label, carrier.words(steps, nodes), behind))
    return execute(builder.build(), Hardware.of([(carrier.params(), carrier.state())])).total_fs
