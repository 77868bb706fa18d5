"""Whether a core can run at its clock in the process that it sits in."""

from bankside.arch.spec import ConfigError
from bankside.arch.technology.process import ProcessSpec


def check_clock(core: str, clock_hz: float, process: ProcessSpec) -> str | None:
    """A warning when `clock_hz` is above the clocks usual in the process, None when it is not.

    Raises
    ------
    ConfigError
        When the clock is above what the process allows.
    """
    shown = f"The core {core} runs at {clock_hz / 1e9:g} GHz"
    if clock_hz > process.clock.limit:
        raise ConfigError(
            f"{shown}, but logic in {process.description} reaches {process.clock.limit / 1e9:g} GHz."
        )
    if clock_hz > process.clock.usual:
        return f"{shown}; designs in {process.description} usually run at {process.clock.usual / 1e9:g} GHz."
    return None
