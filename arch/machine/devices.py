"""Which kind of device a file of configs/devices describes."""

from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.flash.device import FlashSpec
from bankside.arch.spec import path_of
from bankside.arch.spec.compose import Composer

PAGE = "page"  # what flash is read by; a DRAM has rows


def device_class(reference: str) -> type[DeviceSpec] | type[FlashSpec]:
    """The specification that a device file is held to: flash states pages, a DRAM timings.

    Raises
    ------
    ConfigError
        When there is no such file, or it cannot be read.
    """
    path = path_of(reference, "devices")
    tree = Composer(path.parent).file(path, "devices").value
    return FlashSpec if isinstance(tree, dict) and PAGE in tree else DeviceSpec
