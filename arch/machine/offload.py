"""How a host works with processors in its memory: it launches them, and moves data to and from their banks by software.

Neither is a property of the DRAM. Processors are launched, pushed to and read by ranks; a transfer takes a time for its
ranks and its bytes over a rate that many ranks together saturate.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from pydantic import Field, model_validator

from bankside.arch.spec import Bandwidth, Bytes, FieldError, Spec, Time

Way = Literal["scatter", "broadcast", "gather"]
WAYS: Final[tuple[Way, ...]] = ("scatter", "broadcast", "gather")
"""To every processor its part, to all the same, from every one its part."""


class RateSpec(Spec):
    """Bytes a second over all ranks together, of so many ranks."""

    ranks: float = Field(gt=0, le=100_000)
    rate: Bandwidth


class OverheadSpec(Spec):
    """Time of a call, of so many ranks."""

    ranks: float = Field(gt=0, le=100_000)
    time: Time


class TransferSpec(Spec):
    """A way of transfers: straight between the numbers of ranks that are stated in rising order, level beyond them."""

    overhead: tuple[OverheadSpec, ...] = Field(min_length=1)
    rates: tuple[RateSpec, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rises(self) -> "TransferSpec":
        for key, points in (("overhead", self.overhead), ("rates", self.rates)):
            ranks = [point.ranks for point in points]
            if sorted(set(ranks)) != ranks:
                raise FieldError(f"the ranks {', '.join(f'{each:g}' for each in ranks)} do not rise.", key)
        return self

    def overhead_s(self, ranks: int) -> float:
        """Time of a call without bytes [s]."""
        return _between([(each.ranks, each.time) for each in self.overhead], ranks)

    def bytes_per_s(self, ranks: int) -> float:
        """Rate of all ranks together [B/s]."""
        return _between([(each.ranks, each.rate) for each in self.rates], ranks)


class LaunchSpec(Spec):
    """Time from a launch of processors without a program to the host's knowing of their end."""

    fixed: Time
    rank: Time = Field(description="more for each rank")


class Moved(NamedTuple):
    """A transfer: calls, their time [s], the time of its bytes [s], and bytes with those that fill words."""

    calls: int
    call_s: float
    serial_s: float
    byte: int


class OffloadSpec(Spec):
    """What a host does for processors in its memory."""

    rank: int = Field(ge=1, le=65536, description="processors of a rank")
    word: Bytes = Field(description="what every processor is sent or sends is whole words of this size")
    push: Bytes | None = Field(default=None, description="most that a processor is sent or sends in a call")
    launch: LaunchSpec
    scatter: TransferSpec
    broadcast: TransferSpec
    gather: TransferSpec

    @model_validator(mode="after")
    def _pushes_words(self) -> "OffloadSpec":
        if self.push is not None and self.push % self.word:
            raise FieldError(
                f"a push brings every processor whole words of {self.word} B, not {self.push} B.", "push"
            )
        return self

    def ranks(self, processors: int) -> int:
        """Ranks that so many processors fill."""
        return -(-processors // self.rank)

    def launch_s(self, processors: int) -> float:
        """Time of a launch without work [s]."""
        return self.launch.fixed + self.ranks(processors) * self.launch.rank

    def moved(self, way: Way, processors: int, byte: float) -> Moved:
        """A transfer of so many bytes of each of the processors."""
        spec: TransferSpec = getattr(self, way)
        each = -(-round(byte) // self.word) * self.word
        calls = -(-each // (self.push or max(each, 1)))
        ranks = self.ranks(processors)
        together = each * processors
        return Moved(calls, calls * spec.overhead_s(ranks), together / spec.bytes_per_s(ranks), together)


def offload_faults(
    name: str, offload: OffloadSpec | None, processor: bool, inside: bool, link_bytes_per_s: float | None
) -> Iterator[FieldError]:
    """What is wrong of a core that is offloaded to, or has a processor, at its tap, behind a link of that rate."""
    offloaded = offload is not None
    if offload is not None and link_bytes_per_s is not None:
        yield from _link_faults(name, offload, link_bytes_per_s)
    if processor and not inside:
        sentence = "a processor works on the bank that it sits at: tap a level inside the DRAM die."
        yield FieldError(sentence, f"cores.{name}.tap")
    if processor and not offloaded:
        sentence = "a processor is launched and sent its data by a host: say what that takes (offload)."
        yield FieldError(sentence, f"cores.{name}")
    if offloaded and not processor:
        yield FieldError(
            "only a core whose vector unit is a processor is offloaded to.", f"cores.{name}.offload"
        )


def _link_faults(name: str, offload: OffloadSpec, link_bytes_per_s: float) -> Iterator[FieldError]:
    """Ways that are faster than the link that they go over."""
    for way in WAYS:
        fastest = max(point.rate for point in getattr(offload, way).rates)
        if fastest > link_bytes_per_s:
            most, link = f"{fastest / 1e9:.4g} GB/s", f"{link_bytes_per_s / 1e9:.4g}"
            sentence = f"ranks take {most} together, and the link to their host {link}."
            yield FieldError(sentence, f"cores.{name}.offload.{way}.rates")


def _between(points: Sequence[tuple[float, float]], at: float) -> float:
    """The value at a place, straight between points and level beyond them."""
    after = bisect_right([place for place, _ in points], at)
    if after == 0:
        return points[0][1]
    if after == len(points):
        return points[-1][1]
    (low, first), (high, second) = points[after - 1], points[after]
    return first + (second - first) * (at - low) / (high - low)
