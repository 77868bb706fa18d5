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


def chunked(
    network: NetworkLike, pattern: Pattern, nodes: int, bytes_each: float, algorithm: Algorithm | None = None
) -> list[Steps]:
    """The steps of each chunk into which a network cuts a collective; without those that move nothing.

    Raises
    ------
    ValueError
        An algorithm, or a pattern, that the network or its protocols do not run.
    """
    found = collective.pipelined(
        described(network, nodes), pattern, ceil(bytes_each), algorithm, network.chunks
    )
    return [steps for steps in found if steps]


def emit(
    builder: ProgramBuilder, on: tuple[int, Carrier], label: int, chunks: Sequence[Steps], nodes: int,
    deps: Sequence[int], in_flight: int,
) -> list[int]:  # fmt: skip
    """One operation a chunk on a unit and what it carries, each behind the one `in_flight` before it; all of them."""
    unit, carrier = on
    made: list[int] = []
    for i, steps in enumerate(chunks):
        earlier = made[i - in_flight : i - in_flight + 1] if i >= in_flight else []
        made.append(builder.op(unit, label, carrier.words(steps, nodes), [*deps, *earlier]))
    return made


def alone_fs(network: NetworkLike, chunks: Sequence[Steps], nodes: int) -> int:
    """Time of a collective's chunks on a network that nothing else uses [fs]."""
    builder, carrier = ProgramBuilder(), Carrier(network, off_stack=True)
    on = builder.unit("network", 1, NETWORK, part=0), carrier
    emit(builder, on, builder.label("collective"), chunks, nodes, [], network.in_flight)
    return execute(builder.build(), Hardware.of([(carrier.params(), carrier.state())])).total_fs
