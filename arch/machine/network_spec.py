"""Networks in a machine's YAML: topology, links with what software makes of them, routers."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bankside.arch.noc.protocol import Algorithm, Pattern
from bankside.arch.spec import Bandwidth, Bits, EnergyPerBit, FieldError, Frequency, Reference, Spec, Time

Topology = Literal[
    "bus", "ring", "mesh", "torus", "crossbar", "full", "switch",
    "mesh3d", "fat_tree", "butterfly", "dragonfly", "custom",
]  # fmt: skip


class RateSpec(Spec):
    """Share of a link's bandwidth that a protocol reaches in some patterns among so many nodes or more."""

    patterns: tuple[Pattern, ...] = Field(min_length=1)
    nodes: int = Field(default=2, ge=2)
    share: float = Field(gt=0, le=1)


class ProtocolSpec(Spec):
    """One way in which software moves collectives over a link.

    `base` passes once, `step` in each of its steps, `message` for each message that a node sends in a step. Messages
    reach the `share` of a link's bandwidth, or that of `rates` where one holds. `adds`: rate at which what came in is
    added where it lies, SRAM or DRAM. Without `algorithms` it runs all.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    software: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    algorithms: tuple[Algorithm, ...] = ()
    base: Time = Field(default=0.0)
    step: Time = Field(default=0.0)
    message: Time = Field(default=0.0)
    share: float = Field(default=1.0, gt=0, le=1)
    rates: tuple[RateSpec, ...] = ()
    adds: Bandwidth | None = None


class LinkSpec(Spec):
    """One link of a network: width x clock (or bandwidth), a fixed latency and the cycles of one hop.

    `protocols`: how software moves collectives over such links.
    """

    width: Bits | None = None
    clock: Frequency | None = None
    bandwidth: Bandwidth | None = None
    latency: Time = Field(default=0.0)
    hop: int = Field(default=1, ge=0, le=1_000_000)
    energy: EnergyPerBit | None = None
    protocols: tuple[ProtocolSpec, ...] = ()

    @model_validator(mode="after")
    def _one_rate(self) -> "LinkSpec":
        if (self.bandwidth is None) == (self.width is None or self.clock is None):
            raise ValueError("A link has either a bandwidth, or a width and a clock.")
        return self

    @property
    def bytes_per_s(self) -> float:
        """Bandwidth of the link [B/s]."""
        if self.bandwidth is not None:
            return self.bandwidth
        assert self.width is not None and self.clock is not None
        return self.width / 8 * self.clock


class WaySpec(LinkSpec):
    """The link of a level to the memory beneath it; without a rate it is as fast as what the memory's channels give."""

    @model_validator(mode="after")
    def _one_rate(self) -> "WaySpec":
        parts = (self.width is not None) + (self.clock is not None)
        if parts == 1 or (parts == 2 and self.bandwidth is not None):
            raise ValueError(
                "The link to a memory has a bandwidth, a width and a clock, or no rate of its own."
            )
        return self

    @model_validator(mode="after")
    def _no_hops(self) -> "WaySpec":
        if "hop" in self.model_fields_set:
            raise FieldError(
                "hop counts cycles from router to router: on the way to memory there are none.", "hop"
            )
        return self

    @property
    def rated(self) -> bool:
        """Whether it has a rate of its own."""
        return self.bandwidth is not None or self.width is not None


def refuse_protocols(link: LinkSpec | None, field: str, why: str) -> None:
    """Refuse protocols on a link that moves no collectives by itself.

    Raises
    ------
    FieldError
    """
    if link is not None and link.protocols:
        raise FieldError(f"protocols move collectives among nodes: {why}.", field)


class EdgeSpec(Spec):
    """A link each way between two nodes of a custom network; `link` where it is slower or longer than the usual."""

    a: int = Field(ge=0)
    b: int = Field(ge=0)
    link: LinkSpec | None = None

    @model_validator(mode="after")
    def _is_a_link_of_a_network(self) -> "EdgeSpec":
        refuse_protocols(self.link, "link", "the network's own link has those of all its edges")
        return self


class EqualSpec(Spec):
    """What a network of another topology has as much of, where its links are as the link is stated: bytes a second
    across the middle (`bisection`), or those of all `links` together."""

    to: Topology
    by: Literal["bisection", "links"] = "bisection"


class RouterNetworkSpec(Spec):
    """Routers with virtual channels: messages are timed through them, in packets of so many flits at most.

    `vcs` channels of a link with buffers of `depth` flits; cycles of routing, of the switch, and of credits. What is
    `moved` from buffer to buffer: flits, or packets in pieces of half a buffer, a faster model of the same routers.
    """

    vcs: int = Field(default=8, ge=1, le=62)
    depth: int = Field(default=8, ge=1, le=4096)
    routing_delay: int = Field(default=0, ge=0, le=1000)
    switch_delay: int = Field(default=1, ge=1, le=1000)
    credit_delay: int = Field(default=2, ge=0, le=1000)
    packet: int = Field(default=8, ge=1, le=65536)
    moved: Literal["flits", "packets"] = "flits"


class NetworkSpec(Spec):
    """How the nodes of one level reach each other.

    `radix`: links of a node where all are joined, ports down of a fat tree's routers, ways of a butterfly's.
    `combine`: what routes messages adds them up on their way; it begins to `forward` one as it comes, or when it is
    whole. `software`: whose protocols of the link move collectives, none named: all. Collectives among packages are
    cut into `chunks`, of which so many are `in_flight`.
    `equal`: links are as fast as makes networks of several topologies among packages equal.
    `layers` of a mesh3d are joined by `vertical` links; a custom network is its `edges`. With a `router`
    messages are timed through its buffers and channels."""

    topology: Topology = "bus"
    link: Annotated[LinkSpec, Reference("links")]
    multicast: bool = True
    combine: bool = False
    forward: Literal["cut-through", "whole"] = "cut-through"
    software: tuple[str, ...] = ()
    chunks: int = Field(default=1, ge=1, le=1024)
    in_flight: int = Field(default=2, ge=1, le=1024)
    radix: int | None = Field(default=None, ge=2, le=65535)
    layers: int = Field(default=1, ge=1, le=1024)
    vertical: LinkSpec | None = None
    edges: tuple[EdgeSpec, ...] = ()
    router: RouterNetworkSpec | None = None
    equal: EqualSpec | None = None

    @model_validator(mode="after")
    def _suits_its_topology(self) -> "NetworkSpec":
        own = {
            "radix": (self.radix is not None, ("full", "fat_tree", "butterfly")),
            "layers": (self.layers > 1, ("mesh3d",)),
            "vertical": (self.vertical is not None, ("mesh3d",)),
            "edges": (bool(self.edges), ("custom",)),
        }
        for name, (given, of) in own.items():
            if given and self.topology not in of:
                raise FieldError(
                    f"{name} belongs to the topology {' or '.join(of)}, not to {self.topology}.", name
                )
        if self.topology == "custom" and not self.edges:
            raise FieldError("A custom network needs its edges.", "topology")
        if self.router is not None and (self.topology == "bus" or self.multicast):
            raise FieldError(
                "Routers copy nothing and a bus has none: state another topology and multicast: false.",
                "router",
            )
        if self.router is not None and self.link.clock is None:
            raise FieldError("Routers need links with a clock.", "router")
        refuse_protocols(self.vertical, "vertical", "the network's link has those of all its links")
        if self.router is not None and (self.combine or self.forward == "whole"):
            raise FieldError("Routers add nothing and pass on every flit as it comes.", "router")
        if self.combine and self.topology in ("bus", "full"):
            raise FieldError(f"nothing on a {self.topology} can add up what passes it.", "combine")
        known = {protocol.software for protocol in self.link.protocols}
        if unknown := [name for name in self.software if name not in known]:
            has = ", ".join(sorted(known)) or "none"
            raise FieldError(
                f"the link has no protocol of {', '.join(unknown)}; it has those of {has}.", "software"
            )
        return self

    def among(self, nodes: int) -> "NetworkSpec":
        """The network of so many nodes with links as fast as `equal` makes them; itself without.

        Raises
        ------
        NetworkError
        """
        if self.equal is None:
            return self
        from bankside.arch.noc.equal import measured  # loads a compiler, which reading a file does not

        ours, theirs = (
            measured(self.equal.by, topology, nodes, self.radix or 0)
            for topology in (self.topology, self.equal.to)
        )
        link = self.link.model_copy(update={"bandwidth": self.link.bytes_per_s * theirs / ours})
        return self.model_copy(update={"link": link, "equal": None})
