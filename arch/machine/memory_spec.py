"""What a machine's YAML says of one memory."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bankside.arch.dram.channel.pim.controller import DEFAULT, MAX_DEPTH
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.flash.device import FlashSpec
from bankside.arch.spec import Bandwidth, Bytes, Reference, Spec, Time


class SramStoreSpec(Spec):
    """On-chip SRAM that stands in for a DRAM: capacity and bandwidth of one chip; macro: capacity of one macro, which
    decides what an access costs (the whole unless given)."""

    size: Bytes
    bandwidth: Bandwidth
    macro: Bytes | None = None


class PimControllerSpec(Spec):
    """How the channels of a DRAM serve PIM programs."""

    kind: Literal["fenced", "ahead"] = Field(
        default="ahead",
        description="fenced: a host's queue, up to the next fence the oldest column that is ready, rows that nothing "
        "hits are closed; ahead: in order, with rows opened past fences",
    )
    depth: int = Field(default=DEFAULT.depth, ge=1, le=MAX_DEPTH, description="commands to choose from")
    ranks: int = Field(
        default=0,
        ge=0,
        le=64,
        description="0: refreshes come every interval and none is lost; else so many ranks take turns in refreshing, "
        "and one that could not be done by the turn of the next is lost",
    )
    fence: Time = Field(default=0.0, description="what a fence takes of the host before the next column")


class ControllerSpec(Spec):
    """How the channels of a DRAM serve what they are asked for."""

    policy: str = Field(
        default="in-order",
        description="in-order, frfcfs (the oldest command that may be issued), frfcfs-rowhit (no row is closed past an "
        "older hit) or per-bank (a command queue for each bank, banks in turn)",
    )
    depth: int | None = Field(
        default=None, ge=1, description="entries of each queue; in-order: bursts whose rows are opened ahead"
    )
    page: Literal["open", "closed"] = Field(
        default="open",
        description="closed: each column command closes its row, and per-bank has one queue for reads and writes; not "
        "in-order, nor where PIM commands run",
    )
    pim: PimControllerSpec = PimControllerSpec()


class MemorySpec(Spec):
    """One memory of the machine: a DRAM (`device`) or flash device in `stacks` copies, or SRAM on each of `stacks`
    chips."""

    device: Annotated[DeviceSpec, Reference("devices")] | None = None
    flash: Annotated[FlashSpec, Reference("devices")] | None = None
    sram: SramStoreSpec | None = None
    stacks: int = Field(default=1, ge=1, le=4096)
    address: tuple[str, ...] | None = None
    controller: ControllerSpec | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "MemorySpec":
        if sum(kind is not None for kind in (self.device, self.flash, self.sram)) != 1:
            raise ValueError("A memory is one of a DRAM (device), flash or sram, and of one kind only.")
        if self.controller is not None and self.device is None:
            raise ValueError("Only a DRAM (device) has a controller.")
        return self

    @property
    def pim_scopes(self) -> tuple[str, ...]:
        """What PIM commands of the device may span."""
        return () if self.device is None or self.device.pim is None else self.device.pim.scopes
