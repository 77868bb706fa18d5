"""What a DRAM device file says, once its sections fit together."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import model_validator

import bankside.arch.dram.device.foreign  # noqa: F401  registers the files of other tools
from bankside.arch.dram.device.checks import device_errors
from bankside.arch.dram.device.sections import DeviceFields
from bankside.arch.spec import FieldsError


class DeviceSpec(DeviceFields):
    """One DRAM device file of configs/devices.

    `activate_second`: the timing within which the second half of an activation (LPDDR5) follows as a command of its
    own; queued controllers issue it, streams leave it out.
    """

    other_kind: ClassVar[Mapping[str, str]] = {
        "page": "this is a flash device, which states its page; a DRAM is needed, which states its timings."
    }

    @model_validator(mode="after")
    def _check(self) -> Self:
        if errors := device_errors(self):
            raise FieldsError(errors)
        return self
