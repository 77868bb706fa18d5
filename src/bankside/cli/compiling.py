"""A word to the user before the one slow start: models are compiled on first use and kept."""

import sys
from typing import Final

COLD_START_S: Final = 40  # processor time of the first comparison of five machines, 33 s, rounded up


def announce() -> None:
    """Say on a terminal that models are being compiled, when none are in the cache, and when none can be kept."""
    if not sys.stderr.isatty():
        return
    from bankside.arch.jit import FOLDER, cache_home, nothing_kept

    if nothing_kept():
        once = "once, " if FOLDER else ""
        sys.stderr.write(f"compiling models, {once}about {COLD_START_S} s\n")
        if not FOLDER:
            reason = "is not a folder that you alone may write to, from the root down"
            sys.stderr.write(f"they are not kept: {cache_home()} {reason}; BANKSIDE_CACHE names another\n")
